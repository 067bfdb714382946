import swaggerStyle from 'swagger-ui-dist/swagger-ui.css' with { type: 'text' };
import swaggerScript from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'text' };
import { API_PATH } from '#wire/paths.ts';
import { bundlePage } from './bundle-page.ts' with { type: 'macro' };

const page = bundlePage();

/**
 * Every file that a browser gets, by its path. All of them are open, since the page asks with a token for what it
 * shows.
 */
export const assets: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/': { type: 'text/html', text: page.html },
  '/assets/page.js': { type: 'text/javascript', text: page.script },
  '/assets/page.css': { type: 'text/css', text: page.style },
  [`${API_PATH}/docs`]: { type: 'text/html', text: page.docs },
  '/assets/docs.js': { type: 'text/javascript', text: page.docsScript },
  '/assets/swagger-ui.js': { type: 'text/javascript', text: swaggerScript },
  '/assets/swagger-ui.css': { type: 'text/css', text: swaggerStyle },
};
