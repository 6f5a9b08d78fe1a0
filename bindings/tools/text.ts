/** Text for terminals: aligned tables and numbers with units. Nothing here knows what it prints. */

export interface Column {
  readonly title: string;
  /** Numbers read best aligned right; names left. */
  readonly align?: 'left' | 'right';
}

/** A table with a header line; columns are as wide as their widest cell. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) =>
        align === 'right' ? (cells[i] ?? '').padStart(widths[i]!) : (cells[i] ?? '').padEnd(widths[i]!),
      )
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join('\n');
}

/** Lines `name  value`, the values aligned. */
export function fields(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}

export function indent(text: string, by = '  '): string {
  return text.replace(/^(?=.)/gm, by);
}

const scaled = (value: number, base: number, units: readonly string[]) => {
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`.trimEnd();
};

/** Bytes, in powers of 1024. */
export const bytes = (value: number) => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB']);

/** A count, in powers of 1000. */
export const count = (value: number) => scaled(value, 1000, ['', 'K', 'M', 'G']);

/** A time given in milliseconds, with three or four significant digits. */
export function milliseconds(value: number): string {
  if (value < 1) return `${(value * 1000).toFixed(value < 0.1 ? 1 : 0)} µs`;
  return `${value.toFixed(value >= 100 ? 1 : value >= 10 ? 2 : 3)} ms`;
}

export const percent = (part: number, whole: number) => (whole > 0 ? `${((100 * part) / whole).toFixed(1)} %` : '–');

export const shape = (dimensions: readonly number[]) => `[${dimensions.join(', ')}]`;

export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** How many threads, and why there are no more. */
export function threadsUsed({ threads, threadsReason }: { threads: number; threadsReason: string | null }): string {
  const used = `${threads} thread${threads === 1 ? '' : 's'}`;
  return threadsReason ? `${used} (${threadsReason})` : used;
}
