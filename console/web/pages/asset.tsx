export function AssetPage({ id }: { id: string }) {
  return <p>{id}</p>;
}
