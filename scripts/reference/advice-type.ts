/** A piece of advice: the reasons that it fits, and what they mean and ask for. */

export interface Advice {
  fits: RegExp;
  todo: string;
}
