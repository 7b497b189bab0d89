/**
 * The items of a source, `depth` of them asked for before they are needed: what the source waits for happens while an item is in use.
 * The source still makes them one after the other.
 */
export async function* lookAhead<Item>(source: AsyncGenerator<Item>, depth: number): AsyncGenerator<Item> {
  const asked: Promise<IteratorResult<Item>>[] = [];
  const ask = () => {
    const next = source.next();
    // A failure is reported where the item is awaited, below.
    next.catch(() => {});
    asked.push(next);
  };
  for (let i = 0; i < depth; i++) ask();
  for (;;) {
    const next = await asked.shift()!;
    if (next.done) return;
    ask();
    yield next.value;
  }
}
