<?php
print_r(getenv());
foreach (file("/mnt/paths", FILE_IGNORE_NEW_LINES) as $path) echo @file_get_contents($path);
echo "tried\n";
