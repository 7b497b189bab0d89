import fc from "fast-check";

/** Property tests draw the same cases in every run, so that a red test is a changed program; FAST_CHECK_SEED=n draws others. */
fc.configureGlobal({ seed: Number(process.env["FAST_CHECK_SEED"] ?? 1) });
