/** The number of times that a thread checks a lock that another thread holds before it sleeps. */
const SPINS: i32 = 1000;
/** A sleeping thread is not woken, because locks are held for microseconds. */
const SLEEP_NANOSECONDS: i64 = 50_000;

/**
 * Takes the lock, an i32 at `address` that is 0 while the lock is free. One thread holds it at a
 * time, and a thread must not take it twice.
 */
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
