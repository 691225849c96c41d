export function AlertPage({ id }: { id: string }) {
  return <p>{id}</p>;
}
