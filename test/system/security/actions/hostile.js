const fs = require('node:fs');
console.log(process.env);
for (const path of fs.readFileSync('/mnt/paths', 'utf8').split('\n')) {
  try {
    console.log(fs.readFileSync(path, 'latin1'));
  } catch {}
}
console.log('tried');
