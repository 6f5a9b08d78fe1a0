// npm run bench:chart -- [RESULTS.json] [--threads N] [--least MMAC] [--out FILE.svg] [--png FILE.png]
// The README's chart from what bench:peers wrote: one bar a model, how many times faster than the best peer.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';

const program = new Command('bench:chart')
  .argument('[results]', 'JSON of bench:peers', 'bench/results/peers.json')
  .option('--threads <n>', 'of the runs to show', Number, 1)
  .option('--least <mmac>', 'leaves smaller models out', Number, 1)
  .option('--out <file>', 'SVG to write', 'bench/results/peers.svg')
  .option('--png <file>', 'draws it with Chromium too, to look at')
  .parse();
const { threads, least, out, png } = program.opts();
const { conditions, results } = JSON.parse(readFileSync(program.processedArgs[0], 'utf8'));

const WIDTH = 880;
const LEFT = 270;
const RIGHT = 180;
const ROW = 19;
const TOP = 78;
const KINDS = ['float32', 'float16 weights', 'quantized', 'dynamic range'];

const bestPeer = (measurements) => Math.min(...measurements.filter((m) => !m.ours && m.time).map((m) => m.time.min));
const rows = results
  .filter((r) => r.threads === threads && r.ratios && (r.macs ?? Number.POSITIVE_INFINITY) >= least * 1e6)
  .map(({ model, kind, measurements, ratios }) => ({
    model,
    kind: KINDS.indexOf(kind),
    ratio: ratios.time.min,
    median: ratios.time.median,
    ours: bestPeer(measurements) / ratios.time.min,
    peer: bestPeer(measurements),
  }))
  .sort((a, b) => a.kind - b.kind || b.ratio - a.ratio);
if (!rows.length) throw new Error(`nothing to draw for ${threads} threads`);
const mean = Math.exp(rows.reduce((sum, { ratio }) => sum + Math.log(ratio), 0) / rows.length);

// Bars of models that the peers fall off a cliff with end in an arrow, or the others would be too short to tell apart.
const limit = Math.max(2, Math.min(5, Math.ceil(Math.max(...rows.map(({ ratio }) => ratio)))));
const x = (ratio) => LEFT + (Math.min(ratio, limit) / limit) * (WIDTH - LEFT - RIGHT);
const escaped = (text) => text.replace(/[&<]/g, (c) => ({ '&': '&amp;', '<': '&lt;' })[c]);
const time = (ms) => (ms < 0.1 ? `${(ms * 1000).toFixed(1)} µs` : `${ms.toPrecision(3)} ms`);
const text = (px, py, content, attributes = '') => `<text x="${px}" y="${py}" ${attributes}>${escaped(content)}</text>`;
const height = TOP + rows.length * ROW + 40;

const axis = Array.from({ length: limit + 1 }, (_, i) => {
  const line = `<line x1="${x(i)}" x2="${x(i)}" y1="${TOP - 6}" y2="${height - 34}" class="${i === 1 ? 'one' : 'grid'}"/>`;
  return line + text(x(i), TOP - 12, `${i}×`, 'class="small" text-anchor="middle"');
});
const bars = rows.map(({ model, kind, ratio, median, ours, peer }, i) => {
  const y = TOP + i * ROW;
  const end = x(ratio);
  const arrow = ratio > limit ? `<path d="M${end} ${y}l7 6.5l-7 6.5z" class="k${kind}"/>` : '';
  return [
    text(LEFT - 8, y + 11, model.length > 34 ? `${model.slice(0, 33)}…` : model, 'text-anchor="end"'),
    `<rect x="${LEFT}" y="${y}" width="${(end - LEFT).toFixed(1)}" height="13" class="k${kind}"/>${arrow}`,
    `<line x1="${x(median)}" x2="${x(median)}" y1="${y + 3}" y2="${y + 10}" class="median"/>`,
    text(end + (arrow ? 12 : 6), y + 11, `${ratio.toFixed(2)}×  ${time(ours)} : ${time(peer)}`, 'class="small"'),
  ].join('');
});
const legend = KINDS.map((kind, i) => ({ kind, i }))
  .filter(({ i }) => rows.some((row) => row.kind === i))
  .map(({ kind, i }, n) => {
    const at = 20 + n * 130;
    return `<rect x="${at}" y="${height - 22}" width="11" height="11" class="k${i}"/>${text(at + 16, height - 12, kind, 'class="small"')}`;
  });
const title = `Lanelite against the faster of LiteRT.js and tfjs-tflite, ${threads} thread${threads > 1 ? 's' : ''}`;
const note = `geometric mean ${mean.toFixed(2)}× over ${rows.length} models; least time an inference, ours : theirs; tick: by medians`;
const where = `${conditions.engine}, ${conditions.cpu}, ${conditions.date.slice(0, 10)}`;

writeFileSync(
  out,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">
<title>${title}</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #1f2328; } .small { font-size: 11px; fill: #59636e; } .title { font-size: 15px; font-weight: 600; }
.grid { stroke: #d1d9e0; } .one { stroke: #59636e; stroke-width: 1.5; } .median { stroke: #fff; stroke-width: 1.5; }
.k0 { fill: #2f6fde; } .k1 { fill: #7a5fd0; } .k2 { fill: #1a8f6a; } .k3 { fill: #c77b14; }
@media (prefers-color-scheme: dark) { text { fill: #f0f6fc; } .small { fill: #9198a1; } .grid { stroke: #3d444d; } .one { stroke: #9198a1; } .median { stroke: #0d1117; } }
</style>
${text(20, 24, title, 'class="title"')}
${text(20, 42, note, 'class="small"')}
${text(WIDTH - 20, height - 12, where, 'class="small" text-anchor="end"')}
${[...axis, ...bars, ...legend].join('\n')}
</svg>
`,
);
console.log(out);

if (png) {
  const { chromium } = await import('playwright-core');
  const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const page = await browser.newPage({ viewport: { width: WIDTH, height } });
  await page.setContent(`<body style="margin:0;background:#fff">${readFileSync(out, 'utf8')}</body>`);
  await page.screenshot({ path: png });
  await browser.close();
  console.log(png);
}
