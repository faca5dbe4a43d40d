/**
 * Said at the start of each section. The empty path makes each name mean what it says, whatever else the target holds;
 * bodies of functions are not checked, because what they name may come later.
 */
export const SESSION_SETTINGS: readonly string[] = [
  "set client_encoding = 'UTF8';",
  "set standard_conforming_strings = on;",
  "set check_function_bodies = off;",
  "set xmloption = content;",
  "set row_security = off;",
  "set statement_timeout = 0;",
  "set search_path = '';",
];
