const maxTurns = 40_000;

/** Resolves when `condition` holds, looked at again after each turn of the event loop. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < maxTurns; turn += 1) {
    if (condition()) return;
    await nextTurn(turn);
  }
  throw new Error(`It did not happen in ${maxTurns} turns: ${what}`);
}

/** Lets everything happen that can happen without time passing. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Mostly an immediate one; now and then a millisecond, for what other threads and the kernel do. */
function nextTurn(turn: number): Promise<void> {
  return new Promise((resolve) => {
    if (turn % 4 === 3) setTimeout(resolve, 1);
    else setImmediate(resolve);
  });
}
