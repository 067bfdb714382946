import { type Document, isAlias, type Node, visit } from 'yaml';

/**
 * Finds what each alias of a document stands for, in one pass: the library searches the document again for each. The
 * answer leads from an alias to its node, and from everything else to itself.
 */
export function followAliases(document: Document): (node: unknown) => unknown {
  const anchors = new Map<string, Node>();
  const targets = new Map<unknown, Node>();
  visit(document, {
    Node: (_, node) => {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      if (target) targets.set(node, target);
      else if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return (node) => targets.get(node) ?? node;
}
