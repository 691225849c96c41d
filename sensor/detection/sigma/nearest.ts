/** Levenshtein's distance: letters to add, drop or change. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}

/** The names that were probably meant, nearest first; none when nothing is near. */
export function nearest(name: string, names: Iterable<string>, most = 3): string[] {
  const wanted = name.slice(0, 64).toLowerCase();
  const found: { name: string; distance: number }[] = [];
  for (const candidate of names) {
    const lower = candidate.toLowerCase();
    const isPart = wanted.length > 2 && lower.split('.').includes(wanted);
    const distance = isPart ? 0 : editDistance(wanted, lower);
    if (distance <= Math.max(2, Math.floor(candidate.length / 4))) found.push({ name: candidate, distance });
  }
  return found
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map((entry) => entry.name);
}
