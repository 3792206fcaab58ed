/** A compilation under way. */
export interface Compilation {
  seconds: number;
  /** Packages that Go has named so far, as it does when it has to compile one. */
  packages: number;
  /** Packages that it names where it has compiled nothing before. */
  expectedPackages: number;
  /** How long all of it usually takes, for as long as there is little to reckon from. */
  usualSeconds: number;
}

/**
 * Until so much is done, its speed says little of the whole: modules come over the network, and
 * small packages first.
 */
const TELLING_SHARE = 0.2;
/** Of the time, what is left when the last package is compiled: linking. */
const LINKING_SHARE = 0.1;

/** Seconds until a compilation ends, about; at least 1. */
export function secondsLeft({ seconds, packages, expectedPackages, usualSeconds }: Compilation): number {
  const share = Math.min(1, packages / expectedPackages) * (1 - LINKING_SHARE);
  const bySpeed = share > 0 ? seconds / share : usualSeconds;
  const trust = Math.min(1, share / TELLING_SHARE);
  return Math.max(1, Math.round(trust * bySpeed + (1 - trust) * usualSeconds - seconds));
}

/** `412 of about 1,298 packages, 2m 05s so far, about 6m 10s left`. */
export function describeCompilation(compilation: Compilation): string {
  const { seconds, packages, expectedPackages } = compilation;
  const count = (number: number) => number.toLocaleString('en-US');
  const done =
    packages < expectedPackages
      ? `${count(packages)} of about ${count(expectedPackages)} packages`
      : 'linking';
  return `${done}, ${minutes(seconds)} so far, about ${minutes(secondsLeft(compilation))} left`;
}

function minutes(seconds: number): string {
  const whole = Math.round(seconds);
  const rest = `${whole % 60}s`;
  return whole < 60 ? rest : `${Math.floor(whole / 60)}m ${rest.padStart(3, '0')}`;
}
