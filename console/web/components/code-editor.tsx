import { useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import type { RuleProblem } from '../lib/types.ts';
import { Raw } from './text.tsx';

const FEWEST_LINES = 14;

/** Where in a text a line begins, counted from 1. */
function offsetOf(text: string, line: number): number {
  let at = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', at);
    if (end < 0) break;
    at = end + 1;
  }
  return at;
}

/** A plain text field with line numbers, and what is wrong with the text by its places. */
export function CodeEditor({
  id,
  label,
  value,
  problems,
  busy,
  failed,
  onInput,
}: {
  id: string;
  label: string;
  value: string;
  /** Undefined: not looked at yet. */
  problems: readonly RuleProblem[] | undefined;
  busy: boolean;
  /** Why it could not be looked at; '' when it could. */
  failed: string;
  onInput: (text: string) => void;
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = value.split('\n').length;
  const errors = problems?.filter(({ severity }) => severity === 'error') ?? [];
  const warnings = problems?.filter(({ severity }) => severity === 'warning') ?? [];
  const marks = new Map<number, string>();
  for (const { line } of warnings) marks.set(line, 'line-warning');
  for (const { line } of errors) marks.set(line, 'line-error');
  const show = ({ line }: RuleProblem) => {
    const element = area.current;
    if (!element) return;
    const from = offsetOf(value, line);
    const end = value.indexOf('\n', from);
    element.focus();
    element.setSelectionRange(from, end < 0 ? value.length : end);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="code-editor">
        <ol class="code-lines" aria-hidden="true">
          {Array.from({ length: Math.max(lines, FEWEST_LINES) }, (_, index) => (
            <li key={index} class={marks.get(index + 1)}>
              {index < lines ? index + 1 : ''}
            </li>
          ))}
        </ol>
        <textarea
          ref={area}
          id={id}
          class="code-text"
          value={value}
          rows={Math.max(lines, FEWEST_LINES)}
          wrap="off"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          maxLength={65_536}
          aria-describedby={`${id}-problems`}
          aria-invalid={errors.length > 0}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      </div>
      <div id={`${id}-problems`} class="code-problems" role="status">
        {failed !== '' ? (
          <p class="form-error">{failed}</p>
        ) : problems === undefined || busy ? (
          <p class="faint">{t.ruleWork.checking}</p>
        ) : problems.length === 0 ? (
          <p class="tone-good">{t.ruleWork.sound}</p>
        ) : (
          <>
            <p class={errors.length > 0 ? 'tone-critical' : 'tone-medium'}>
              {[
                errors.length > 0 && t.ruleWork.mistakes(errors.length),
                warnings.length > 0 && t.ruleWork.warnings(warnings.length),
              ]
                .filter((part) => part !== false)
                .join(', ')}
            </p>
            <ul>
              {problems.slice(0, 20).map((problem) => (
                <li key={`${problem.line}:${problem.column}:${problem.reason}`}>
                  <button type="button" class="link" onClick={() => show(problem)}>
                    {t.ruleWork.at(problem.line, problem.column)}
                  </button>{' '}
                  {problem.severity === 'warning' && <span class="badge badge-medium">{t.ruleWork.warning}</span>}{' '}
                  <Raw text={problem.reason} />
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}

/** A text with line numbers, to read. */
export function CodeView({ text, label }: { text: string; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, the keyboard could not scroll it
    <section class="code-view" tabIndex={0} aria-label={label}>
      <ol>
        {text
          .replace(/\n$/, '')
          .split('\n')
          .map((line, index) => (
            <li key={index}>
              <code>
                <Raw text={line === '' ? ' ' : line} />
              </code>
            </li>
          ))}
      </ol>
    </section>
  );
}
