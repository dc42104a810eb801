// The validator of the people who keep RPDE walks one feed, from the address it is given, to the end, and tells what it read
// and what it found: one JSON line. It asks that address alone.

import { RpdeValidator } from "@openactive/rpde-validator";

const log = await RpdeValidator(process.argv[2], { pageLimit: 50 });
const found = log.pages.flatMap((page) => page.errors.map((error) => ({ page: page.url, ...error.data })));
const pages = log.pages.map((page) => page.url);
process.stdout.write(JSON.stringify({ pages, found }) + "\n");
