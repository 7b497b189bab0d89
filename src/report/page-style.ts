/** The page's style: paper and ink, one accent; follows the reader's light or dark setting. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f7f8f7; --panel: #ffffff; --ink: #1b2529; --soft: #59676d; --faint: #8b979b; --line: #dfe4e4;
  --s1: #0a6c88; --s2: #c0602a; --s3: #7b5ea7; --s4: #a3acaf; --band: #eef2f2; --bar: #7fb1bf;
  --g0: #0a6c88; --g1: #c0602a; --g2: #5f7f3c; --g3: #7b5ea7; --g4: #b08a1e; --g5: #6b7b82;
  --d0: #eceff0; --d1: #d5e5e9; --d2: #b7d5dd; --d3: #93c2ce; --d4: #6bacbd; --d5: #4494a9; --d6: #227b94; --d7: #0d6079; --d8: #084357;
  --warn: #9a5b00; --warn-paper: #fdf5e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101619; --panel: #161e22; --ink: #dfe7e9; --soft: #9fadb2; --faint: #74838a; --line: #2a363b;
    --s1: #64c1da; --s2: #ee9f6a; --s3: #b79de0; --s4: #6b7a80; --band: #1b2529; --bar: #3f7f92;
    --g0: #64c1da; --g1: #ee9f6a; --g2: #a4c77c; --g3: #b79de0; --g4: #dcbc5c; --g5: #93a3aa;
    --d0: #202b30; --d1: #1f3a43; --d2: #1f4a57; --d3: #215d6d; --d4: #277285; --d5: #32889d; --d6: #4aa3b9; --d7: #76c3d6; --d8: #b5e5f0;
    --warn: #e8b968; --warn-paper: #262015;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 "Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", Arial, sans-serif;
  font-feature-settings: "tnum" 1, "cv05" 1;
}
main { max-width: 1120px; margin: 0 auto; padding: 56px 32px 72px; }
h1, h2, p, dl, dd, figure { margin: 0; }
.eyebrow { color: var(--s1); font-size: 12px; font-weight: 600; letter-spacing: .09em; text-transform: uppercase; }
h1 { font-size: 34px; line-height: 1.2; font-weight: 600; letter-spacing: -.015em; margin: 6px 0 10px; overflow-wrap: anywhere; }
.lead { color: var(--soft); max-width: 46em; font-size: 16px; }
.readout { display: grid; grid-template-columns: repeat(5, 1fr); margin: 34px 0 12px; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.readout > div { padding: 18px 20px 16px; border-left: 1px solid var(--line); }
.readout > div:first-child { padding-left: 0; border-left: 0; }
.readout > div { display: flex; flex-direction: column; justify-content: space-between; }
.readout dt { color: var(--soft); font-size: 12.5px; }
.readout dd { font-size: 27px; line-height: 1.25; font-weight: 500; letter-spacing: -.01em; white-space: nowrap; }
.readout dd small { font-size: 15px; color: var(--soft); font-weight: 400; letter-spacing: 0; }
.readout .main dd { color: var(--s1); }
.note { color: var(--soft); font-size: 13.5px; max-width: 62em; }
section { margin-top: 56px; }
h2 { font-size: 20px; font-weight: 600; letter-spacing: -.01em; margin-bottom: 18px; }
.grid { display: grid; gap: 24px; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.planes { display: grid; gap: 12px; grid-template-columns: repeat(3, minmax(0, 1fr)); }
figure.card { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 18px 18px 16px; display: flex; flex-direction: column; }
figure.card h3 { margin: 0 0 6px; font-size: 15px; font-weight: 600; }
figcaption { color: var(--soft); font-size: 13.5px; line-height: 1.5; margin-top: auto; padding-top: 10px; }
.plane { position: relative; }
.plane img { display: block; width: 100%; aspect-ratio: 1; background: #000; border-radius: 6px; }
.plane .bar-length { position: absolute; left: 12px; bottom: 12px; height: 3px; background: #fff; box-shadow: 0 0 3px rgba(0,0,0,.8); }
.plane .bar-name { position: absolute; left: 12px; bottom: 18px; color: #fff; font-size: 12px; text-shadow: 0 0 3px #000; }
.plane .plane-name { position: absolute; left: 12px; top: 8px; color: #fff; font-size: 12px; text-shadow: 0 0 4px #000; }
.planes-caption { color: var(--soft); font-size: 13.5px; margin: 8px 0 26px; max-width: 62em; }
.planes-caption:last-child { margin-bottom: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; padding: 0; margin: 0 0 6px; list-style: none; color: var(--soft); font-size: 13px; }
.legend li::before { content: ""; display: inline-block; width: 18px; height: 0; border-top: 2.5px solid var(--k); vertical-align: middle; margin-right: 6px; }
svg { display: block; width: 100%; height: auto; overflow: visible; font-size: 12.5px; }
svg text { fill: var(--soft); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .axis { stroke: var(--faint); stroke-width: 1; }
svg .outline { fill: none; stroke: var(--line); stroke-width: 1; }
svg .band { fill: transparent; } svg .band:nth-of-type(odd) { fill: var(--band); }
svg .band-name { text-anchor: middle; fill: var(--faint); font-size: .9em; }
svg .tick-x, svg .label, svg .scale { text-anchor: middle; } svg .tick-y, svg .level-name { text-anchor: end; }
svg .level { stroke: var(--faint); stroke-width: 1; stroke-dasharray: 3 4; } svg .level-name { fill: var(--faint); font-size: .9em; }
svg .curve { fill: none; stroke: var(--k); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
svg .dot { fill: var(--panel); stroke: var(--k); stroke-width: 1.8; }
svg .bar { fill: var(--bar); }
.s1 { --k: var(--s1); } .s2 { --k: var(--s2); } .s3 { --k: var(--s3); } .s4 { --k: var(--s4); }
svg .s4.curve { stroke-width: 1.5; stroke-dasharray: 2 4; }
.g0 { --k: var(--g0); } .g1 { --k: var(--g1); } .g2 { --k: var(--g2); } .g3 { --k: var(--g3); } .g4 { --k: var(--g4); } .g5 { --k: var(--g5); }
.d0 { fill: var(--d0); } .d1 { fill: var(--d1); } .d2 { fill: var(--d2); } .d3 { fill: var(--d3); } .d4 { fill: var(--d4); }
.d5 { fill: var(--d5); } .d6 { fill: var(--d6); } .d7 { fill: var(--d7); } .d8 { fill: var(--d8); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; background: var(--panel); }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { text-align: right; padding: 7px 14px; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; vertical-align: bottom; }
th:first-child, td:first-child, .text { text-align: left; }
td.text { white-space: normal; overflow-wrap: anywhere; min-width: 21em; }
tbody tr:first-child td { border-top: 1px solid var(--line); }
.note.before { margin: -8px 0 14px; }
.help, .changed .help { font-weight: 400; color: var(--soft); }
.changed td { color: var(--ink); font-weight: 600; } .plain td { color: var(--soft); }
details summary { cursor: pointer; color: var(--soft); font-size: 14px; margin-bottom: 12px; }
.warnings { background: var(--warn-paper); border: 1px solid var(--line); border-left: 3px solid var(--warn); border-radius: 6px; padding: 12px 16px; margin-top: 24px; font-size: 14px; }
.warnings p + p { margin-top: 4px; }
.meter { display: inline-block; width: 90px; height: 6px; border-radius: 3px; background: var(--d0); vertical-align: middle; margin-left: 10px; }
.meter i { display: block; height: 100%; border-radius: 3px; background: var(--bar); }
footer { margin-top: 64px; padding-top: 18px; border-top: 1px solid var(--line); color: var(--faint); font-size: 13px; }
@media (max-width: 760px) {
  main { padding: 32px 16px 48px; }
  h1 { font-size: 27px; }
  .grid { grid-template-columns: minmax(0, 1fr); gap: 16px; }
  .readout { grid-template-columns: 1fr 1fr; }
  .readout > div, .readout > div:first-child { padding: 12px 0; border-left: 0; border-top: 1px solid var(--line); }
  .readout > .main { grid-column: 1 / -1; border-top: 0; }
  .readout dd { font-size: 22px; } .readout .main dd { font-size: 34px; }
  .planes { gap: 6px; } .planes figcaption { display: none; }
  .plane .plane-name, .plane .bar-name { font-size: 11px; left: 7px; } .plane .bar-length { left: 7px; }
  figure.card { padding: 14px 12px; }
  svg { font-size: 14.5px; }
  td.text { min-width: 12em; }
  td.help { display: none; }
  section { margin-top: 40px; }
  .meter { width: 48px; }
}
@media print { body { background: #fff; } section, figure.card { break-inside: avoid; } }
`;
