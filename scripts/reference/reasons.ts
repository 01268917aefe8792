/** Finds the reasons in the sources' syntax: sentences with `…` for values, and the remedy beside them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'rolldown/utils';

export interface Reason {
  file: string;
  text: string;
  /** What the source itself says about what to do. */
  remedy: string;
}

type Node = { type: string; start: number; end: number; [field: string]: unknown };

const root = join(import.meta.dirname, '..', '..');

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const childrenOf = (node: Node): Node[] =>
  Object.values(node)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isNode);

/** A literal as a sentence; null for anything else. */
const sentenceOf = (node: Node): string | null => {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
  if (node.type !== 'TemplateLiteral') return null;
  const parts = (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked);
  return parts
    .join('…')
    .replaceAll(/…(?:\s*…)+/g, '…')
    .trim();
};

const isLong = (text: string, words: number): boolean =>
  text.split(/\s+/).filter((word) => /[a-z]{2}/i.test(word)).length >= words;

/** All literals in it that are sentences; what is inside a template's values is part of that template. */
const sentencesIn = (node: Node, words: number): string[] => {
  const text = sentenceOf(node);
  if (text !== null) return isLong(text, words) ? [text] : [];
  return childrenOf(node).flatMap((child) => sentencesIn(child, words));
};

const propertiesOf = (node: Node): Map<string, Node> =>
  new Map(
    (node.properties as Node[]).flatMap((property) =>
      isNode(property.key) && isNode(property.value)
        ? [[String((property.key as Node).name), property.value] as const]
        : [],
    ),
  );

const nameOf = (node: unknown): string => (isNode(node) ? String(node.name ?? '') : '');

/** What the finder does with a node: these reasons, and nothing further inside; null: look inside. */
type Found = { text: string; remedy: string }[] | null;

const pairs = (problem: Node, remedy: Node): Found => {
  const todo = sentencesIn(remedy, 2).join(', or: ');
  return sentencesIn(problem, 3).map((text) => ({ text, remedy: todo }));
};

const finding = (node: Node): Found => {
  if (node.type !== 'ObjectExpression') return null;
  const properties = propertiesOf(node);
  const [problem, remedy] = [properties.get('problem'), properties.get('remedy')];
  return problem === undefined || remedy === undefined ? null : pairs(problem, remedy);
};

/** `refuse('it also leads to …', 'let it lead to …')` */
const calledWithBoth = (node: Node): Found => {
  if (node.type !== 'CallExpression') return null;
  const texts = (node.arguments as Node[]).filter(
    (one) => sentencesIn(one, 2).length > 0 && !/Function|Object/.test(one.type),
  );
  const [problem, remedy] = texts.slice(-2);
  return texts.length < 2 || problem === undefined || remedy === undefined ? null : pairs(problem, remedy);
};

const thrown = (node: Node): Found => {
  if (node.type !== 'NewExpression' || !/^(Rejected|NoPipeline|Ended)$/.test(nameOf(node.callee))) return null;
  const sentences = (node.arguments as Node[]).flatMap((one) =>
    one.type === 'ObjectExpression' ? [] : sentencesIn(one, 3),
  );
  return sentences.length === 0 ? null : sentences.map((text) => ({ text, remedy: '' }));
};

/** `[/AccessDenied|Unauthorized/, 'allow this call …']` */
const listed = (node: Node): Found => {
  const [code, remedy] = node.type === 'ArrayExpression' ? (node.elements as (Node | null)[]) : [];
  const { pattern } = (code?.regex ?? {}) as { pattern?: string };
  if (pattern === undefined || !remedy) return null;
  const codes = pattern.split('|').filter((one) => /^\w+$/.test(one));
  const todo = sentencesIn(remedy, 2).join('');
  return todo === '' ? null : [{ text: `… failed with a code like ${codes.join(', ')}`, remedy: todo }];
};

/** A literal by itself. */
const said = (node: Node): Found => {
  const sentences = sentenceOf(node) === null ? [] : sentencesIn(node, 3);
  return sentences.length === 0 ? null : sentences.map((text) => ({ text, remedy: '' }));
};

const search = (node: Node, finders: ((node: Node) => Found)[]): { text: string; remedy: string }[] => {
  if (node.type === 'ImportDeclaration' || (node.type.startsWith('TS') && !isNode(node.expression))) return [];
  // Keys are names.
  if (node.type === 'Property' && isNode(node.value)) return search(node.value, finders);
  for (const find of finders) {
    const found = find(node);
    if (found !== null) return found;
  }
  return childrenOf(node).flatMap((child) => search(child, finders));
};

/** `only`: what is thrown or found; else every sentence is a reason. */
export const reasonsIn = (file: string, only: 'thrown' | 'all'): Reason[] => {
  const { program, errors } = parseSync(file, readFileSync(join(root, file), 'utf8'));
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const finders = [finding, listed, calledWithBoth, thrown, ...(only === 'all' ? [said] : [])];
  const found = search(program as unknown as Node, finders);
  const texts = new Set<string>();
  return found.flatMap(({ text, remedy }) => (texts.has(text) ? [] : [texts.add(text) && { file, text, remedy }]));
};
