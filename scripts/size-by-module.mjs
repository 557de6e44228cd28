// `npm run size -- --modules`: what each module has in each bundle: bytes of the minified file, by its source map, and its
// share of the compressed size, as if all bytes compressed alike.

import { SourceMap } from 'node:module'
import { basename, resolve } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { rollup } from 'rollup'
import config from '../rollup.config.mjs'

/** Bytes of each source in `code`; `''` has what no source has. */
function bytesBySource(code, map, file) {
  const sources = new SourceMap(map)
  const bytes = new Map()
  code.split('\n').forEach((line, row) => {
    let source = ''
    for (let column = 0; column < line.length; column++) {
      const { originalSource } = sources.findEntry(row, column)
      if (originalSource) source = resolve('dist', originalSource)
      bytes.set(source, (bytes.get(source) || 0) + Buffer.byteLength(line[column]))
    }
  })
  const sum = [...bytes.values()].reduce((all, one) => all + one, 0)
  if (sum < code.length * 0.95)
    throw new Error(`${file}: only ${sum} of ${code.length} bytes found`)
  return bytes
}

export async function printSizesByModule() {
  for (const { output, plugins, ...input } of config) {
    if (!output.file.endsWith('.js')) continue
    const bundle = await rollup({ ...input, plugins })
    const { output: chunks } = await bundle.generate({ ...output, sourcemap: true })
    await bundle.close()
    const { code, map } = chunks[0]
    const plain = code.replace(/\n\/\/# sourceMappingURL=.*/, '')
    const bytes = bytesBySource(plain, map, output.file)
    const compressed = brotliCompressSync(plain).length
    console.log(`\n${output.file}: ${plain.length} bytes, ${compressed} with brotli\n`)
    const rows = [...bytes].sort((a, b) => b[1] - a[1])
    for (const [source, count] of rows) {
      const share = Math.round((count / plain.length) * compressed)
      const name = source ? basename(source) : '(between the modules)'
      console.log(`${name.padEnd(28)}${String(count).padStart(7)}${String(share).padStart(7)}`)
    }
  }
}
