/** The look of the report's page: light and dark, from a phone to a wall. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fdfdfc, #16181b);
  --card: light-dark(#ffffff, #1f2327);
  --edge: light-dark(#d8dcdf, #383e45);
  --ink: light-dark(#1c2024, #e7eaed);
  --soft: light-dark(#58626b, #a6b0b9);
  --met: light-dark(#1c7a3d, #74d08f);
  --missed: light-dark(#b42318, #ff9a91);
  --not-known: light-dark(#835800, #e3bb62);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); margin: .25rem 0 0; }
.counts { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; padding: 0; margin: 1.25rem 0; }
.counts li { flex: 1 1 8rem; border: 1px solid var(--edge); border-top: 4px solid var(--own); border-radius: .5rem; background: var(--card); padding: .5rem .9rem; }
.counts b { display: block; font-size: 1.9rem; line-height: 1.2; font-weight: 600; color: var(--own); font-variant-numeric: tabular-nums; }
section { border: 1px solid var(--edge); border-left: 4px solid var(--own); border-radius: .5rem; background: var(--card); padding: .8rem 1rem; margin: 0 0 .75rem; }
.head { display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; align-items: baseline; }
h2 { font-size: 1.05rem; margin: 0; }
.verdict { color: var(--own); font-weight: 600; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .4rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--soft); padding: .15rem 0; }
summary:focus-visible { outline: 2px solid var(--own); outline-offset: 2px; }
ul.notes { margin: .25rem 0 0; padding-left: 1.25rem; overflow-wrap: anywhere; }
.met { --own: var(--met); }
.missed { --own: var(--missed); }
.not-known { --own: var(--not-known); }
@media print { body { max-width: none; } section { break-inside: avoid; } }
`;
