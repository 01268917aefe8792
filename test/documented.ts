/** Blocks of commands in a document, with what is said to be known about each: `**Run**`, `**Synthesised**` or `**Not run here**`, in the paragraph before. */

export interface Block {
  mark: 'Run' | 'Synthesised' | 'Not run here' | null;
  commands: string;
}

export const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/(?:^\*\*(Run|Synthesised|Not run here)\*\*[^\n]*\n\n)?^```sh\n(.*?)^```/gms)].map(
    ([, mark, commands = '']) => ({ mark: (mark as Block['mark'] | undefined) ?? null, commands: commands.trim() }),
  );
