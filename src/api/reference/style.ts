/** How the page of the description looks. */
export const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d5dae1, #3a424d); --soft: light-dark(#f4f6f8, #1c2128); --link: light-dark(#0a58ca, #79b0ff) }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: light-dark(#1b1f24, #e6e9ee); background: light-dark(#fff, #14181d); display: grid; grid-template-columns: minmax(12rem, 18rem) minmax(0, 1fr) }
nav { position: sticky; top: 0; align-self: start; box-sizing: border-box; max-height: 100vh; overflow: auto; padding: 1.5rem; border-right: 1px solid var(--line); font-size: .875rem }
nav ul { list-style: none; padding: 0; margin: 0 0 1rem }
main { padding: 1.5rem 2rem 4rem; max-width: 60rem }
a { color: var(--link) }
h2 { margin: 3rem 0 0 }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .75rem 0 }
details > div { scroll-margin-top: 6rem }
summary { cursor: pointer; padding: .6rem 1rem; overflow-wrap: anywhere }
details > div { padding: 0 1rem 1rem }
h3, h4 { margin: 1rem 0 .25rem; font-size: 1rem }
summary b { display: inline-block; min-width: 4rem }
table { border-collapse: collapse; width: 100%; font-size: .875rem }
td { border-top: 1px solid var(--line); padding: .3rem .75rem .3rem 0; vertical-align: top; overflow-wrap: anywhere }
td:first-child, td:nth-child(2) { width: 33% }
code, pre { font: .8125rem/1.5 ui-monospace, monospace }
pre { background: var(--soft); border-radius: .5rem; padding: .75rem 1rem; overflow: auto; max-height: 30rem }
@media (max-width: 50rem) { body { display: block } nav { position: static; max-height: none; border: 0 } }
`
