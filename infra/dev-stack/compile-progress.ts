/** A compilation that is running. */
export interface Compilation {
  seconds: number;
  /**
   * The number of packages that Go has named so far. It names each package that it must compile.
   */
  packages: number;
  /** The number of packages that it names where it has compiled nothing before. */
  expectedPackages: number;
  /**
   * The time that the whole compilation usually takes. This is used until enough is done to
   * estimate from.
   */
  usualSeconds: number;
}

/**
 * Before this fraction is done, the speed says little about the whole: modules are still being
 * downloaded, and small packages come first.
 */
const MIN_TRUSTED_FRACTION = 0.2;
/** The fraction of the time that is left when the last package is compiled, for linking. */
const LINKING_FRACTION = 0.1;

/** Returns about how many seconds are left until a compilation ends, at least 1. */
export function secondsLeft({ seconds, packages, expectedPackages, usualSeconds }: Compilation): number {
  const fraction = Math.min(1, packages / expectedPackages) * (1 - LINKING_FRACTION);
  const bySpeed = fraction > 0 ? seconds / fraction : usualSeconds;
  const trust = Math.min(1, fraction / MIN_TRUSTED_FRACTION);
  return Math.max(1, Math.round(trust * bySpeed + (1 - trust) * usualSeconds - seconds));
}

/**
 * Describes a compilation's progress, for example `412 of about 1,298 packages, 2m 05s so far,
 * about 6m 10s left`.
 */
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
