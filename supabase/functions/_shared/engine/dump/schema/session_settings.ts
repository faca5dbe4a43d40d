/**
 * Settings at the start of each section. The empty path makes names independent of the target's other objects. Bodies
 * of functions are not checked, because objects that they name may come later.
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
