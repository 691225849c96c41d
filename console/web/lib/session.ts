import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Session } from './types.ts';

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session | undefined {
  return useContext(SessionContext);
}

export function useMayDecide(): boolean {
  const role = useSession()?.user?.role;
  return role === 'analyst' || role === 'admin';
}
