/** How many of the first sizes fit, but at least one. */
export function countWithin(sizes: readonly number[], bytes: number): number {
  let sum = 0;
  const over = sizes.findIndex((size) => {
    sum += size;
    return sum > bytes;
  });
  return over === -1 ? sizes.length : Math.max(1, over);
}
