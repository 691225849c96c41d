import type { ComponentChildren } from 'preact';
import type { Severity } from '../../../sensor/model/severity.ts';

/** Icons grow with the text, which is larger on a wall. */
const inRem = (pixels: number) => `${pixels / 16}rem`;

/** All icons are decoration beside a text or inside a labelled control, so screen readers skip them. */
function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg
      class="icon"
      width={inRem(size)}
      height={inRem(size)}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const icons = {
  overview: () => (
    <Icon>
      <path d="M2.5 2.5h4.5v5.5h-4.5zM9 2.5h4.5v3h-4.5zM9 8h4.5v5.5h-4.5zM2.5 10.5h4.5v3h-4.5z" />
    </Icon>
  ),
  alerts: () => (
    <Icon>
      <path d="M8 2.2 14.3 13.3H1.7zM8 6.5v3M8 11.4v.1" />
    </Icon>
  ),
  assets: () => (
    <Icon>
      <rect x="2.5" y="3" width="11" height="4" rx="1" />
      <rect x="2.5" y="9" width="11" height="4" rx="1" />
      <path d="M5 5h.1M5 11h.1M8 5h3M8 11h3" />
    </Icon>
  ),
  conversations: () => (
    <Icon>
      <path d="M2.5 5.5h10M9.5 2.5l3 3-3 3M13.5 10.5h-10M6.5 7.5l-3 3 3 3" />
    </Icon>
  ),
  map: () => (
    <Icon>
      <rect x="6" y="2" width="4" height="3.4" rx="0.8" />
      <rect x="1.8" y="10.6" width="4" height="3.4" rx="0.8" />
      <rect x="10.2" y="10.6" width="4" height="3.4" rx="0.8" />
      <path d="M8 5.4v2.4M3.8 10.6V7.8h8.4v2.8" />
    </Icon>
  ),
  menu: () => (
    <Icon>
      <path d="M2.5 4h11M2.5 8h11M2.5 12h11" />
    </Icon>
  ),
  process: () => (
    <Icon>
      <path d="M2 13.5h12M2 13.5v-11M4.5 10l2.5-3 2.5 2 4-5.5" />
    </Icon>
  ),
  rules: () => (
    <Icon>
      <path d="M3 3.5h10M3 8h10M3 12.5h6M1.5 3.5h.01M1.5 8h.01M1.5 12.5h.01" />
    </Icon>
  ),
  report: () => (
    <Icon>
      <path d="M4 1.8h5.5L12.5 5v9.2H4zM9.3 1.8V5h3.2M6 8.2h4.5M6 10.8h4.5" />
    </Icon>
  ),
  capture: () => (
    <Icon>
      <path d="M8 10V2.5M5 5.2l3-2.9 3 2.9M2.5 9.5v4h11v-4" />
    </Icon>
  ),
  incident: () => (
    <Icon>
      <circle cx="3.5" cy="4" r="1.6" />
      <circle cx="8" cy="8.5" r="1.6" />
      <circle cx="12.5" cy="12.5" r="1.6" />
      <path d="M4.7 5.2 6.8 7.3M9.2 9.6l2.1 1.8" />
    </Icon>
  ),
  admin: () => (
    <Icon>
      <circle cx="6" cy="5" r="2.6" />
      <path d="M1.8 13.5c.3-2.8 2-4.2 4.2-4.2s3.900 1.400 4.200 4.200M11 3.200a2.500 2.500 0 0 1 0 4.200M12 9.600c1.400.6 2.100 1.900 2.300 3.900" />
    </Icon>
  ),
  baseline: () => (
    <Icon>
      <path d="M8 1.8 13.5 4v4c0 3-2.3 5.2-5.5 6.2C4.8 13.2 2.5 11 2.5 8V4zM5.7 7.9l1.7 1.7 3-3.2" />
    </Icon>
  ),
  health: () => (
    <Icon>
      <path d="M1.5 8.5h3l2-5 3 9 2-4h3" />
    </Icon>
  ),
  export: () => (
    <Icon>
      <path d="M8 9.5V2M5 4.8 8 1.8l3 3M2.5 9v4.5h11V9" />
    </Icon>
  ),
  eye: () => (
    <Icon>
      <path d="M1.5 8C3.5 4.7 5.6 3.3 8 3.3S12.5 4.7 14.5 8c-2 3.3-4.1 4.7-6.5 4.7S3.5 11.3 1.5 8z" />
      <circle cx="8" cy="8" r="2" />
    </Icon>
  ),
  search: () => (
    <Icon>
      <circle cx="7" cy="7" r="4.5" />
      <path d="M10.5 10.5 14 14" />
    </Icon>
  ),
  check: () => (
    <Icon>
      <path d="M3 8.5 6.5 12 13 4.5" />
    </Icon>
  ),
  cross: () => (
    <Icon>
      <path d="M4 4l8 8M12 4l-8 8" />
    </Icon>
  ),
  back: () => (
    <Icon>
      <path d="M9.5 3.5 5 8l4.5 4.5" />
    </Icon>
  ),
  forward: () => (
    <Icon>
      <path d="M6.5 3.5 11 8l-4.5 4.5" />
    </Icon>
  ),
  up: () => (
    <Icon>
      <path d="M3.5 10 8 5.5l4.5 4.5" />
    </Icon>
  ),
  down: () => (
    <Icon>
      <path d="M3.5 6 8 10.5 12.5 6" />
    </Icon>
  ),
  arrow: () => (
    <Icon>
      <path d="M2.5 8h11M9.5 4l4 4-4 4" />
    </Icon>
  ),
  download: () => (
    <Icon>
      <path d="M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11" />
    </Icon>
  ),
  signOut: () => (
    <Icon>
      <path d="M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6" />
    </Icon>
  ),
  keyboard: () => (
    <Icon>
      <rect x="1.5" y="4" width="13" height="8.5" rx="1.5" />
      <path d="M4 7h.1M6.7 7h.1M9.3 7h.1M12 7h.1M5 10h6" />
    </Icon>
  ),
  sun: () => (
    <Icon>
      <circle cx="8" cy="8" r="3" />
      <path d="M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7" />
    </Icon>
  ),
  moon: () => (
    <Icon>
      <path d="M13.3 9.7A5.7 5.7 0 0 1 6.3 2.7a5.7 5.7 0 1 0 7 7z" />
    </Icon>
  ),
  system: () => (
    <Icon>
      <rect x="2" y="3" width="12" height="8" rx="1" />
      <path d="M6 13.5h4" />
    </Icon>
  ),
};

export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg class="logo" width={inRem(size)} height={inRem(size)} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" class="logo-ground" />
      <path d="M6 16c3-5.3 6.3-8 10-8s7 2.7 10 8c-3 5.3-6.3 8-10 8s-7-2.7-10-8z" class="logo-line" />
      <path d="M9 16h4l2-4 3 8 2-4h3" class="logo-line" />
    </svg>
  );
}

/** Each severity has a shape of its own, so that it is told apart without seeing colours. */
export function SeverityMark({ severity, size = 14 }: { severity: Severity; size?: number }) {
  return (
    <svg
      class={`mark mark-${severity}`}
      width={inRem(size)}
      height={inRem(size)}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      {severity === 'critical' && <path class="fill" d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" />}
      {severity === 'critical' && <path class="cut" d="M8 4v5M8 11.6v.2" />}
      {severity === 'high' && <path class="fill" d="M8 .6 15.4 8 8 15.4.6 8z" />}
      {severity === 'high' && <path class="cut" d="M8 4.4v4.2M8 11v.2" />}
      {severity === 'medium' && <path class="fill" d="M8 1.2 15.6 14.6H.4z" />}
      {severity === 'medium' && <path class="cut" d="M8 6v4M8 12.2v.2" />}
      {severity === 'low' && <circle class="fill" cx="8" cy="8" r="6" />}
      {severity === 'informational' && <circle class="ring" cx="8" cy="8" r="5.5" />}
    </svg>
  );
}
