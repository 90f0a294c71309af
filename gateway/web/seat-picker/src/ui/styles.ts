/**
 * The picker's style as text, for `adoptedStyleSheets`: the same in a page and in a shadow tree, under any content security
 * policy. A page colours it with the `--cavea-…` properties and with `color-scheme`.
 */
export const STYLES = `
.cavea-picker {
  --picker-paper: var(--cavea-paper, light-dark(#ffffff, #15171b));
  --picker-ground: var(--cavea-ground, light-dark(#f4f5f7, #22252b));
  --picker-line: var(--cavea-line, light-dark(#d5d9e0, #3a3f49));
  --picker-ink: var(--cavea-ink, light-dark(#16181d, #f0f2f5));
  --picker-muted: var(--cavea-muted, light-dark(#5c6470, #a3abb8));
  --picker-accent: var(--cavea-accent, light-dark(#0a58ca, #8ab8ff));
  --picker-on-accent: var(--cavea-on-accent, light-dark(#ffffff, #0b1a33));
  --picker-warn: var(--cavea-warn, light-dark(#fff4d6, #3d3212));
  --picker-edge: var(--cavea-edge, light-dark(#7b8493, #7f8897));
  --picker-radius: 12px;
  container: picker / inline-size;
  color: var(--picker-ink);
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  min-block-size: 12rem;
}
.cavea-picker *, .cavea-picker *::before { box-sizing: border-box; }
.cavea-picker :is(p, h3, ul) { margin: 0; }
.cavea-picker ul { list-style: none; padding: 0; }
.cavea-picker h3 { font-size: 1rem; font-weight: 650; line-height: 1.3; }
.cavea-picker :is(button, select, input, summary) { font: inherit; color: inherit; }
.cavea-picker [hidden] { display: none; }
.cavea-picker .picker-hidden {
  position: absolute; inline-size: 1px; block-size: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0;
}
.cavea-picker .picker-probe { position: absolute; inline-size: 0; block-size: 0; overflow: hidden; forced-color-adjust: none; transition: none; }
.cavea-picker .picker-hint { color: var(--picker-muted); font-size: .9375rem; }
.cavea-picker .picker-waiting { display: grid; gap: .75rem; justify-items: start; padding: 1rem 0; }
.cavea-picker .picker-layout { display: grid; gap: 1rem; }
.cavea-picker .picker-main { min-inline-size: 0; display: grid; gap: .75rem; align-content: start; position: relative; }
.cavea-picker .picker-side { min-inline-size: 0; display: grid; gap: 1rem; align-content: start; align-items: start; }
@container picker (min-width: 38rem) {
  .cavea-picker .picker-side { grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); }
}
@container picker (min-width: 64rem) {
  .cavea-picker .picker-side { grid-template-columns: minmax(0, 1fr); }
  .cavea-picker .picker-layout { grid-template-columns: minmax(0, 1fr) 19rem; gap: 1.25rem; }
}
.cavea-picker .picker-bar { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between; }
.cavea-picker .picker-summary { display: flex; align-items: center; gap: .25rem; min-block-size: 44px; font-variant-numeric: tabular-nums; }

.cavea-picker :is(button, select) {
  min-block-size: 44px; min-inline-size: 44px; padding: .5rem .875rem; border: 1px solid var(--picker-edge); border-radius: 10px;
  background: var(--picker-paper); cursor: pointer; touch-action: manipulation;
}
.cavea-picker select { max-inline-size: 100%; inline-size: 100%; text-overflow: ellipsis; }
.cavea-picker button:hover { background: var(--picker-ground); }
.cavea-picker button.picker-primary { background: var(--picker-accent); border-color: var(--picker-accent); color: var(--picker-on-accent); font-weight: 600; }
.cavea-picker button.picker-primary:hover { background: color-mix(in oklab, var(--picker-accent), var(--picker-ink) 15%); }
.cavea-picker button.picker-quiet { border-color: transparent; background: none; color: var(--picker-accent); text-decoration: underline; text-underline-offset: .2em; padding-inline: .5rem; }
.cavea-picker button[aria-disabled="true"]:not([role="checkbox"]) { opacity: .5; cursor: default; }
.cavea-picker :is(button, select, input, summary, .picker-rows):focus-visible { outline: 3px solid var(--picker-accent); outline-offset: 2px; }

.cavea-picker .picker-said { color: var(--picker-muted); font-size: .9375rem; min-block-size: 1.45em; }

.cavea-picker .picker-tabs { display: inline-flex; gap: 2px; padding: 3px; border-radius: 12px; background: var(--picker-ground); border: 1px solid var(--picker-line); }
.cavea-picker .picker-tabs button { border-color: transparent; background: none; border-radius: 9px; min-inline-size: 5rem; min-block-size: 44px; }
.cavea-picker .picker-tabs button[aria-selected="true"] { background: var(--picker-paper); border-color: var(--picker-edge); font-weight: 650; }

.cavea-picker .picker-stale { padding: .625rem .875rem; border-radius: 10px; background: var(--picker-warn); border: 1px solid var(--picker-edge); }

.cavea-picker .picker-mapped { position: relative; }
.cavea-picker .picker-map {
  position: relative; overflow: hidden; border: 1px solid var(--picker-line); border-radius: var(--picker-radius); background: var(--picker-paper);
  block-size: clamp(16rem, 68vh, 46rem); user-select: none; -webkit-user-select: none;
}
.cavea-picker .picker-drawing canvas { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; }
.cavea-picker .picker-surface { position: absolute; inset: 0; border-radius: inherit; cursor: grab; touch-action: pan-y; }
.cavea-picker .picker-surface:active { cursor: grabbing; }
.cavea-picker .picker-layout[data-mode="block"] .picker-surface { cursor: crosshair; }
.cavea-picker .picker-rows { position: absolute; inset: 0; border-radius: inherit; }
.cavea-picker .picker-rows:focus-visible { outline-offset: -4px; }
.cavea-picker .picker-zoom { position: absolute; inset-block-start: .625rem; inset-inline-end: .625rem; display: grid; gap: 6px; }
.cavea-picker .picker-map[data-narrow] .picker-zoom { inset-block: auto .625rem; grid-auto-flow: column; }
.cavea-picker .picker-zoom button { padding: 0; font-size: 1.25rem; line-height: 1; display: grid; place-items: center; box-shadow: 0 1px 3px rgb(0 0 0 / .12); }
.cavea-picker .picker-zoom button[aria-disabled="true"] { opacity: 1; color: var(--picker-muted); }

.cavea-picker :is(.picker-tip, .picker-sheet) { background: var(--picker-paper); border: 1px solid var(--picker-edge); border-radius: 10px; padding: .625rem .875rem; box-shadow: 0 6px 24px rgb(0 0 0 / .16); font-size: .9375rem; }
.cavea-picker .picker-tip { position: absolute; inset-block-start: 0; inset-inline-start: 0; max-inline-size: min(18rem, 90%); inline-size: max-content; pointer-events: none; }
.cavea-picker .picker-tip[data-settled] { pointer-events: auto; }
.cavea-picker .picker-corner { inset-block: auto .625rem; inset-inline: .625rem auto; }
.cavea-picker .picker-corner[data-moved] { inset-inline: auto .625rem; }
@container picker (max-width: 38rem) {
  .cavea-picker .picker-mapped .picker-corner { position: static; inline-size: auto; max-inline-size: none; margin-block-start: .5rem; }
}
.cavea-picker .picker-sheet { position: absolute; inset-inline: .5rem; inset-block-end: .5rem; max-block-size: calc(100% - 1rem); overflow: auto; }
.cavea-picker .picker-sheet[data-moved] { inset-block: .5rem auto; }
.cavea-picker .picker-sheet .picker-actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-block-start: .5rem; }
.cavea-picker .picker-sheet .picker-actions button { flex: 1 1 7rem; }
.cavea-picker .picker-where .picker-section { color: var(--picker-muted); }
.cavea-picker .picker-standing { font-weight: 600; }
.cavea-picker .picker-why { color: var(--picker-muted); }

.cavea-picker .picker-panel { border: 1px solid var(--picker-line); border-radius: var(--picker-radius); padding: .875rem; display: grid; gap: .75rem; align-content: start; min-inline-size: 0; }
.cavea-picker .picker-prices { display: grid; gap: 4px; margin-inline: -.375rem; }
.cavea-picker .picker-prices button {
  inline-size: 100%; display: grid; grid-template-columns: auto minmax(0, 1fr) auto auto; gap: .125rem .625rem; align-items: center; text-align: start;
  padding: .375rem .5rem; border-color: transparent; font-variant-numeric: tabular-nums;
}
.cavea-picker .picker-prices button[aria-pressed="true"] { border-color: var(--picker-accent); background: var(--picker-ground); box-shadow: inset 0 0 0 1px var(--picker-accent); }
.cavea-picker .picker-prices .picker-category { overflow-wrap: anywhere; }
.cavea-picker .picker-prices .picker-price { font-weight: 600; }
.cavea-picker .picker-prices .picker-left { color: var(--picker-muted); min-inline-size: 3.5ch; text-align: end; font-size: .875rem; }
.cavea-picker .picker-sign, .cavea-picker .picker-sign canvas { display: block; inline-size: 22px; block-size: 22px; flex: none; }
.cavea-picker .picker-filters { display: grid; gap: .5rem; }
.cavea-picker label { display: grid; gap: .25rem; font-size: .9375rem; }
.cavea-picker label.picker-check { display: flex; align-items: center; gap: .625rem; min-block-size: 44px; cursor: pointer; }
.cavea-picker label.picker-check input { inline-size: 1.25rem; block-size: 1.25rem; flex: none; accent-color: var(--picker-accent); margin: 0; }
.cavea-picker .picker-best .picker-fields { display: grid; grid-template-columns: minmax(5.5rem, auto) minmax(0, 1fr); gap: .625rem; }
.cavea-picker .picker-signs { gap: 0; padding-block: .25rem; }
.cavea-picker .picker-signs summary { min-block-size: 44px; display: flex; align-items: center; font-weight: 650; cursor: pointer; border-radius: 6px; gap: .5rem; }
.cavea-picker .picker-signs summary::before { content: "▸"; }
.cavea-picker .picker-signs[open] summary::before { content: "▾"; }
.cavea-picker .picker-signs ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .375rem .75rem; padding-block: .25rem .75rem; }
.cavea-picker .picker-signs li { display: flex; align-items: center; gap: .625rem; font-size: .9375rem; }

.cavea-picker .picker-area { display: grid; gap: .5rem; scroll-margin: 1rem; }
.cavea-picker .picker-area + .picker-area { border-block-start: 1px solid var(--picker-line); padding-block-start: .75rem; }
.cavea-picker .picker-area p { display: flex; flex-wrap: wrap; gap: .125rem .75rem; align-items: baseline; }
.cavea-picker .picker-area .picker-left { color: var(--picker-muted); font-size: .875rem; }
.cavea-picker .picker-stepper { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
.cavea-picker .picker-stepper output { min-inline-size: 2ch; text-align: center; font-weight: 650; font-variant-numeric: tabular-nums; }
.cavea-picker .picker-stepper button { padding-inline: .5rem; }
.cavea-picker .picker-stepper .picker-primary { flex: 1 1 8rem; }

.cavea-picker .picker-list { display: grid; gap: .5rem; }
.cavea-picker .picker-list section { border: 1px solid var(--picker-line); border-radius: var(--picker-radius); min-inline-size: 0; }
.cavea-picker .picker-list h3 button {
  inline-size: 100%; display: flex; flex-wrap: wrap; gap: .125rem 1rem; justify-content: space-between; align-items: center; text-align: start; border: 0;
  border-radius: var(--picker-radius); font-weight: 650; background: none;
}
.cavea-picker .picker-list h3 button > :first-child::before { content: "▸"; display: inline-block; inline-size: 1.25em; }
.cavea-picker .picker-list h3 button[aria-expanded="true"] > :first-child::before { content: "▾"; }
.cavea-picker .picker-list h3 .picker-left { color: var(--picker-muted); font-weight: 400; font-size: .9375rem; }
.cavea-picker .picker-area-name { display: flex; flex-wrap: wrap; gap: .125rem 1rem; align-items: center; padding: .5rem .875rem .5rem 2.125rem; min-block-size: 44px; }
.cavea-picker .picker-area-name .picker-left { margin-inline-start: auto; }
.cavea-picker .picker-list section > div { padding: 0 .75rem .75rem; }
.cavea-picker .picker-grid { display: grid; gap: .75rem; }
.cavea-picker .picker-row { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.cavea-picker .picker-row-name { flex: 0 0 100%; font-size: .875rem; color: var(--picker-muted); display: flex; align-items: center; gap: .25rem; }
.cavea-picker .picker-row-name strong { color: var(--picker-ink); margin-inline-end: .5rem; }
.cavea-picker .picker-beside-list { position: sticky; inset-block-end: .5rem; block-size: 0; }
.cavea-picker .picker-stripe { position: absolute; inset-inline: 7px; inset-block-end: 4px; block-size: 4px; border-radius: 2px; forced-color-adjust: none; }
.cavea-picker .picker-cell button { position: relative; scroll-margin-block: 1rem 9rem; padding: 0; inline-size: 44px; block-size: 44px; font-size: .875rem; font-variant-numeric: tabular-nums; border-width: 1.5px; }
.cavea-picker .picker-cell [data-type="wheelchair"]::before { content: "♿\\FE0E"; position: absolute; inset-block-start: -2px; inset-inline-end: 2px; font-size: .75rem; }
.cavea-picker .picker-cell :is([data-standing="held"], [data-standing="sold"], [data-standing="blocked"], [data-standing="unknown"]) { color: var(--picker-muted); background: var(--picker-ground); border-color: var(--picker-line); cursor: default; }
.cavea-picker .picker-cell [data-standing="held"] { background: linear-gradient(var(--picker-ground) 50%, var(--picker-line) 50%); }
.cavea-picker .picker-cell [data-standing="sold"] span { text-decoration: line-through; }
.cavea-picker .picker-cell [data-standing="blocked"] span::before { content: "– "; }
.cavea-picker .picker-cell [data-standing="unknown"] { border-style: dashed; }
.cavea-picker .picker-cell [data-standing="selected"] { border: 3px solid var(--picker-accent); font-weight: 700; }
.cavea-picker .picker-cell [data-standing="mine"] { background: var(--picker-accent); color: var(--picker-on-accent); border-color: var(--picker-accent); font-weight: 700; }
.cavea-picker .picker-cell :is([data-standing="selected"], [data-standing="mine"])::after { content: "✓"; position: absolute; inset-block-end: -1px; inset-inline-end: 3px; font-size: .75rem; }

@media (forced-colors: active) {
  .cavea-picker :is(.picker-primary, [data-standing="mine"]) { forced-color-adjust: none; }
  .cavea-picker {
    --picker-paper: Canvas; --picker-ground: Canvas; --picker-line: GrayText; --picker-ink: CanvasText; --picker-muted: GrayText;
    --picker-accent: Highlight; --picker-on-accent: HighlightText; --picker-warn: Canvas; --picker-edge: CanvasText;
  }
  .cavea-picker .picker-cell :is([data-standing="selected"], [data-standing="mine"]), .cavea-picker [aria-pressed="true"], .cavea-picker [aria-selected="true"] { outline: 2px solid Highlight; outline-offset: -4px; }
}
`
