// Draws lines over logarithmic axes, or linear ones, as SVG: nothing to install, and the same file from the same figures.

const WIDTH = 760
const HEIGHT = 420
const LEFT = 64
const RIGHT = 190
const TOP = 46
const BOTTOM = 74
const COLORS = [
  '#0b6e4f',
  '#d1495b',
  '#30638e',
  '#edae49',
  '#7d4e9e',
  '#5b5b5b',
  '#00a6a6',
  '#8a5a2b',
  '#d16ba5',
]

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

/** Powers of ten, with 2 and 5 where there are few, that cover `[least, most]`. */
function ticksOf(least, most) {
  const few = most / least < 1000
  const ticks = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++) {
    for (const factor of few ? [1, 2, 5] : [1]) {
      const tick = Number((factor * 10 ** power).toPrecision(1))
      if (tick >= least / 1.001 && tick <= most * 1.001) ticks.push(tick)
    }
  }
  return ticks
}

/** Some five round numbers from 0 to `most`. */
function linearTicksOf(most) {
  const power = 10 ** Math.floor(Math.log10(most / 5))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => most / one <= 6)
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step)
}

/**
 * `series`: [{ name, points: [[x, y], …], isMain, isLimit }], `x`: { label, ticks: [[value, text], …] }, `y`: { label, line },
 * where `line` is a value to mark. Both axes are logarithmic, or, if `isLinear`, linear from 0 on; then points are not marked.
 */
export function svg({ title, subtitle, series, x, y, isLinear = false }) {
  const all = series.flatMap(({ points }) => points)
  const xs = all.map(([one]) => one)
  const ys = [...all.map(([, one]) => one), ...(y.line ? [y.line] : [])]
  const bounds = {
    left: isLinear ? 0 : Math.min(...xs),
    right: Math.max(...xs),
    least: isLinear ? 0 : Math.min(...ys) / 1.2,
    most: Math.max(...ys) * 1.2,
  }
  const placeOf = isLinear ? (value) => value : Math.log
  const scale = (value, from, to, start, end) =>
    start + ((placeOf(value) - placeOf(from)) / (placeOf(to) - placeOf(from) || 1)) * (end - start)
  const atX = (value) => scale(value, bounds.left, bounds.right, LEFT, WIDTH - RIGHT).toFixed(1)
  const atY = (value) => scale(value, bounds.least, bounds.most, HEIGHT - BOTTOM, TOP)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${LEFT}" y="36" fill="#555">${escaped(y.label)}</text>`,
    `<text x="${LEFT}" y="${HEIGHT - 10}" fill="#555" font-size="11">${escaped(subtitle)}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 32}" text-anchor="middle">${escaped(x.label)}</text>`,
  ]
  const ticks = isLinear ? linearTicksOf(bounds.most) : ticksOf(bounds.least, bounds.most)
  for (const tick of new Set(y.line ? [...ticks, y.line] : ticks)) {
    const at = atY(tick).toFixed(1)
    const isLine = tick === y.line
    parts.push(
      `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="${isLine ? '#999' : '#e4e4e4'}"/>`,
      `<text x="${LEFT - 6}" y="${Number(at) + 4}" text-anchor="end">${tick}</text>`,
    )
  }
  for (const [value, text] of x.ticks) {
    parts.push(
      `<path d="M${atX(value)} ${HEIGHT - BOTTOM}v5" stroke="#666"/>`,
      `<text x="${atX(value)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${text}</text>`,
    )
  }
  // Names beside the ends of their lines, kept apart.
  const labels = series
    .map((one, i) => ({ i, at: atY(one.points[one.points.length - 1][1]) }))
    .sort((a, b) => a.at - b.at)
  for (let k = 1; k < labels.length; k++)
    labels[k].at = Math.max(labels[k].at, labels[k - 1].at + 15)
  series.forEach(({ name, points, isMain, isLimit }, i) => {
    const color = COLORS[i % COLORS.length]
    const line = points.map(([a, b]) => `${atX(a)} ${atY(b).toFixed(1)}`).join('L')
    const { at } = labels.find((label) => label.i === i)
    parts.push(
      `<path d="M${line}" fill="none" stroke="${color}" stroke-width="${isMain ? 3 : 1.5}"${isLimit ? ' stroke-dasharray="5 4"' : ''}/>`,
      ...(isLinear ? [] : points).map(
        ([a, b]) =>
          `<circle cx="${atX(a)}" cy="${atY(b).toFixed(1)}" r="${isMain ? 3.5 : 2.5}" fill="${color}"/>`,
      ),
      `<text x="${WIDTH - RIGHT + 10}" y="${(at + 4).toFixed(1)}" fill="${color}"${isMain ? ' font-weight="bold"' : ''}>${escaped(name)}</text>`,
    )
  })
  return `${parts.join('\n')}\n</svg>\n`
}
