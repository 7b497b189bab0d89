import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 200;

/** Changes when a process number is given to another process; empty where the system does not tell. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22; the command name, field 2, may hold spaces but ends with the last bracket.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return ""; // no such process, or no /proc: the signal below decides
  }
}

function isAlive(owner) {
  const [pid, start] = owner.split(" ");
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  return startOf(pid) === (start ?? "");
}

function ownerOf(lock) {
  try {
    return readFileSync(lock, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Takes the lock by a link, which is atomic and brings the owner's name with it. */
function take(lock, me) {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, me);
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes a dead process's lock, unless somebody else has replaced it in between. */
function breakLock(lock, deadOwner) {
  const moved = `${lock}.${process.pid}.stale`;
  try {
    renameSync(lock, moved);
    if (readFileSync(moved, "utf8") !== deadOwner) linkSync(moved, lock);
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
  } finally {
    rmSync(moved, { force: true });
  }
}

/** Runs `work` while no other process runs it for the same lock file; waits for its turn. */
export async function withLock(lock, say, work) {
  const me = `${process.pid} ${startOf(process.pid)}`;
  let hasSaid = false;
  while (!take(lock, me)) {
    const owner = ownerOf(lock);
    if (owner === undefined) continue;
    if (!isAlive(owner)) {
      breakLock(lock, owner);
      continue;
    }
    if (!hasSaid) say(`waiting for process ${owner.split(" ")[0]}, which is setting up this folder`);
    hasSaid = true;
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}
