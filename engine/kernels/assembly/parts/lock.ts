/** Looks at a lock that another thread holds before this one goes to sleep. */
const SPINS: i32 = 1000;
/** Nobody wakes a sleeper, because locks are held for microseconds. */
const SLEEP_NANOSECONDS: i64 = 50_000;

/** Takes the lock at an address of i32, which is 0 where it is free. Held by one thread at a time, and never twice. */
export function lock(address: usize): void {
  while (atomic.cmpxchg<i32>(address, 0, 1) !== 0) {
    let spins = 0;
    while (spins < SPINS && atomic.load<i32>(address) !== 0) spins += 1;
    if (spins === SPINS) atomic.wait<i32>(address, 1, SLEEP_NANOSECONDS);
  }
}

export function unlock(address: usize): void {
  atomic.store<i32>(address, 0);
}
