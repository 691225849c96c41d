import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Resource } from './resource.ts';
import type { Overview, Session } from './types.ts';

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session | undefined {
  return useContext(SessionContext);
}

/** The frame keeps the overview fresh for all pages, so that it is asked for once. */
export const OverviewContext = createContext<Resource<Overview> | undefined>(undefined);

export function useOverview(): Resource<Overview> | undefined {
  return useContext(OverviewContext);
}

export function useMayConfigure(): boolean {
  return useSession()?.user?.role === 'admin';
}

export function useMayDecide(): boolean {
  const role = useSession()?.user?.role;
  return role === 'analyst' || role === 'admin';
}
