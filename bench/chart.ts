import type { Round } from './report.ts'

const WIDTH = 800
const LABEL = 310
const SAID = 160
const BAR = 13

/** Wall times as bars, each case to its slowest tool, as an SVG that takes the colours of light and dark pages. */
export function chartOf(rounds: readonly Round[]): string {
  const parts: string[] = []
  let y = 0
  for (const { case: one, results } of rounds) {
    y += 16
    const slowest = Math.max(...results.map(({ wallMs }) => wallMs))
    parts.push(
      `<text x="${LABEL - 10}" y="${y + (results.length * BAR) / 2 + 4}" text-anchor="end">${escapeXml(one.name)}</text>`,
    )
    for (const { tool, wallMs } of results) {
      const width = Math.max(1, (wallMs / slowest) * (WIDTH - LABEL - SAID))
      const kind = tool.startsWith('Tagboat') ? 'ours' : 'other'
      parts.push(
        `<rect x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 3}" class="${kind}"/>`,
      )
      const text = `${(wallMs / 1000).toFixed(wallMs < 1000 ? 3 : 2)} s ${escapeXml(tool)}`
      parts.push(
        `<text x="${(LABEL + width + 6).toFixed(1)}" y="${y + BAR - 4}" font-size="10">${text}</text>`,
      )
      y += BAR
    }
  }
  const height = y + 16
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    '<title>Wall time, shorter is better</title>',
    '<style>text { fill: #343a40 } .page { fill: #ffffff } .ours { fill: #0c8599 } .other { fill: #adb5bd }',
    '@media (prefers-color-scheme: dark) {',
    'text { fill: #dee2e6 } .page { fill: #0d1117 } .ours { fill: #3bc9db } .other { fill: #5c6570 } }</style>',
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
