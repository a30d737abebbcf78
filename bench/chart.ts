import type { Round } from './report.ts'

const WIDTH = 760
const LABEL = 250
const BAR = 13
const COLOURS = ['#0b7285', '#3bc9db', '#868e96', '#adb5bd', '#ced4da', '#dee2e6']

/** Wall times as bars, each case to its slowest tool, as an SVG that is readable on light and dark pages. */
export function chartOf(rounds: readonly Round[]): string {
  const parts: string[] = []
  let y = 30
  const tools = [...new Set(rounds.flatMap(({ results }) => results.map(({ tool }) => tool)))]
  for (const [index, tool] of tools.entries()) {
    const x = 10 + index * 145
    parts.push(`<rect x="${x}" y="8" width="12" height="12" fill="${COLOURS[index]}"/>`)
    parts.push(`<text x="${x + 18}" y="18">${escapeXml(tool)}</text>`)
  }
  for (const { case: one, results } of rounds) {
    y += 16
    const slowest = Math.max(...results.map(({ wallMs }) => wallMs))
    parts.push(
      `<text x="${LABEL - 10}" y="${y + (results.length * BAR) / 2 + 4}" text-anchor="end">${escapeXml(one.name)}</text>`,
    )
    for (const { tool, wallMs } of results) {
      const width = Math.max(1, (wallMs / slowest) * (WIDTH - LABEL - 80))
      const colour = COLOURS[tools.indexOf(tool)]
      parts.push(
        `<rect x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 3}" fill="${colour}"/>`,
      )
      const text = `${(wallMs / 1000).toFixed(2)} s`
      parts.push(
        `<text x="${(LABEL + width + 6).toFixed(1)}" y="${y + BAR - 4}" font-size="10">${text}</text>`,
      )
      y += BAR
    }
  }
  const height = y + 16
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#495057">`,
    `<title>Wall time, shorter is better</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
