/** The look of the report's page. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #14171a);
  --raised: light-dark(#f4f6f8, #1d2226);
  --line: light-dark(#d5dbe1, #363e46);
  --text: light-dark(#1b2127, #e4e8ec);
  --quiet: light-dark(#55616d, #a3adb8);
  --accent: light-dark(#0b5cad, #7ab8f5);
  --direct: light-dark(#1f7a3a, #6fce8a);
  --approximate: light-dark(#8a5a00, #e5b95c);
  --manual: light-dark(#b3261e, #ff9189);
  --dropped: light-dark(#626c76, #98a2ad);
  --chosen: light-dark(#fff3c4, #4a3f14);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 110rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 1rem 0 .5rem; }
p { margin: .25rem 0 .75rem; }
.quiet { color: var(--quiet); }
.bar { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .5rem 0; }
button, select, input { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: .4rem; padding: .3rem .6rem; min-height: 2rem; max-width: 100%; }
button { cursor: pointer; }
button[aria-pressed="false"] { opacity: .6; text-decoration: line-through; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.direct { --own: var(--direct); }
.approximate { --own: var(--approximate); }
.manual, .refused { --own: var(--manual); }
.dropped { --own: var(--dropped); }
.decide { --own: var(--approximate); }
.go { --own: var(--direct); }
.tag { color: var(--own); border: 1px solid var(--own); border-radius: 1rem; padding: 0 .55rem; font-size: .85rem; white-space: nowrap; }
.dot::before { content: ""; display: inline-block; width: .65rem; height: .65rem; border-radius: 50%; background: var(--own); margin-right: .4rem; }
.panes { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; }
.pane { border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; min-width: 0; }
.pane > header { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .4rem .6rem; background: var(--raised); border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.code { overflow: auto; max-height: 70vh; font: 13px/1.55 ui-monospace, monospace; padding: .25rem 0; scroll-behavior: smooth; }
.row { display: flex; width: max-content; min-width: 100%; border-left: 4px solid transparent; padding-right: 1rem; white-space: pre; }
.row > span:first-child { flex: none; width: 3.5rem; padding-right: .75rem; text-align: right; color: var(--quiet); user-select: none; }
.row.linked { border-left-color: var(--own, var(--accent)); cursor: pointer; }
.row.linked:hover { background: var(--raised); }
.row.faint { border-left-color: transparent; }
.row.chosen { background: var(--chosen); }
.about { border: 1px solid var(--line); border-left: 4px solid var(--own, var(--accent)); border-radius: .4rem; background: var(--raised); padding: .5rem .75rem; margin: .5rem 0; overflow-wrap: anywhere; }
.about code, li code { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
#details { position: sticky; bottom: 0; max-height: 40vh; overflow: auto; background: var(--ground); padding: .25rem 0; }
#details:empty { display: none; }
ul { margin: .25rem 0 .75rem; padding-left: 1.25rem; }
.short { max-height: 14rem; overflow: auto; }
.link { background: none; border: 0; padding: 0; min-height: 0; color: var(--accent); text-decoration: underline; text-align: left; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; }
.wide { overflow-x: auto; }
@media (max-width: 60rem) {
  .panes { grid-template-columns: minmax(0, 1fr); }
  .code { max-height: 55vh; }
  main { padding: .6rem; }
  button { min-height: 2.6rem; }
  .short { max-height: 14rem; overflow: auto; }
.link { min-height: 0; }
}
@media (prefers-reduced-motion: reduce) { .code { scroll-behavior: auto; } }
`;
