export function BaselinePage() {
  return null;
}
