/** A progress bar on stderr while it is a terminal; silent elsewhere, so that logs and pipes stay clean. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number): void;
  stop(): void;
}

export type StartProgress = (title: string, total: number) => Progress;

export const noProgress: StartProgress = () => ({ update() {}, stop() {} });

export const terminalProgress: StartProgress = (title, total) => {
  if (!process.stderr.isTTY) return noProgress(title, total);
  const bar = new SingleBar(
    {
      format: `${title} [{bar}] {percentage} % | {value}/{total} | {eta_formatted} left`,
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
};
