/** Meaning and remedy of a reason. The first matching pattern counts; a pattern without a match fails a test. */
import { accountAdvice, adoptionAdvice } from './advice-account.ts';
import { answerAdvice, commandAdvice, ledgerAdvice } from './advice-command.ts';
import { rolloutAdvice } from './advice-rollout.ts';
import type { Advice } from './advice-type.ts';

/** Before what the source says: there it is half a sentence, or one of several. */
const first = [...accountAdvice, ...adoptionAdvice, ...commandAdvice, ...ledgerAdvice, ...answerAdvice];

export const advice = [...first, ...rolloutAdvice];

const among = (list: readonly Advice[], text: string): string | null =>
  list.find(({ fits }) => fits.test(text))?.todo ?? null;

const sentence = (text: string): string | null =>
  text === '' ? null : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** `remedy`: what the source itself says. */
export const adviceFor = (text: string, remedy: string): string | null =>
  among(first, text) ?? sentence(remedy) ?? among(rolloutAdvice, text);
