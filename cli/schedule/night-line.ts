import { type ProgressSample, ratesOver } from '../../core/progress.js';
import type { NightProgress } from '../../core/schedule/night.js';
import { duration } from '../job/progress-line.js';
import { liveLine } from '../live-line.js';

/**
 * The time between two observations of a night, in ms: on a terminal, and in a log, where each is
 * one line.
 */
const TERMINAL_INTERVAL_MS = 500;
const LOG_INTERVAL_MS = 5000;

/** The progress of a step, as a share for the ETA and in words. */
export interface StepView {
  fraction: number;
  words: string;
}

/** Says in one line how far a night is, and remembers enough for the ETA of its step. */
export class NightLine {
  #samples: ProgressSample[] = [];
  #step = '';

  /**
   * Returns the version, the step, its progress and its ETA. `embedding` is the progress line of
   * the job that embeds, and `view` that of another step, as far as they are known.
   */
  of(night: NightProgress, embedding: string | null, view: StepView | undefined): string {
    const running = night.steps.find(({ state }) => state === 'running');
    const name = `${night.dataset}@${night.version}`;
    if (!running) return `${name} · between its steps`;
    const place = `${name} · step ${night.steps.indexOf(running) + 1} of ${night.steps.length}, ${running.step}`;
    if (embedding) return `${place} · ${embedding}`;
    const eta = view ? this.#etaOf(running.step, view.fraction) : undefined;
    return [place, view?.words ?? 'beginning', `ETA ${eta === undefined ? '–' : duration(eta)}`].join(' · ');
  }

  #etaOf(step: string, fraction: number): number | undefined {
    if (step !== this.#step) this.#samples = [];
    this.#step = step;
    this.#samples.push({ at: performance.now(), chunks: 0, tokens: 0, fraction });
    return ratesOver(this.#samples).etaMs;
  }
}

/** Shows lines on stderr: a live line on a terminal, and one every few seconds in a log. */
export function nightDisplay(
  json: boolean,
): ((line: string) => void) & { intervalMs: number; stop: () => void } {
  const spinner = json ? undefined : liveLine()?.start('starting');
  let shownAt = Number.NEGATIVE_INFINITY;
  const show = (line: string) => {
    if (spinner) {
      spinner.text = line;
      return;
    }
    if (performance.now() - shownAt < LOG_INTERVAL_MS) return;
    shownAt = performance.now();
    console.error(json ? JSON.stringify({ progress: line }) : line);
  };
  const intervalMs = spinner ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS / 5;
  return Object.assign(show, { intervalMs, stop: () => void spinner?.stop() });
}
