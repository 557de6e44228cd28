export interface Plot {
  title: string
  subtitle: string
  series: { name: string; points: [x: number, y: number][]; isMain: boolean }[]
  x: { label: string; ticks: [value: number, text: string][] }
  y: { label: string; line?: number }
}

export function svg(plot: Plot): string
