import referenceScript from 'rapidoc/dist/rapidoc-min.js' with { type: 'text' };
import { API_PATH } from '#wire/paths.ts';
import { bundlePage } from './bundle-page.ts' with { type: 'macro' };

const page = bundlePage();

/** The page of the API, and the frame in which files that actions have left are shown. */
export const DOCS = `${API_PATH}/docs`;
export const FRAME = '/assets/frame.html';

/** The script of the frame, which alone runs there. */
export const frameScript = /<script>(.*)<\/script>/s.exec(page.frame)?.[1] ?? '';

/**
 * Every file that a browser gets, by its path. All of them are open, since the page asks with a token for what it
 * shows.
 */
export const assets: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/': { type: 'text/html', text: page.html },
  '/assets/page.js': { type: 'text/javascript', text: page.script },
  '/assets/page.css': { type: 'text/css', text: page.style },
  [FRAME]: { type: 'text/html', text: page.frame },
  '/assets/preview.js': { type: 'text/javascript', text: page.previewScript },
  [DOCS]: { type: 'text/html', text: page.docs },
  '/assets/docs.js': { type: 'text/javascript', text: page.docsScript },
  '/assets/rapidoc.js': { type: 'text/javascript', text: referenceScript },
};
