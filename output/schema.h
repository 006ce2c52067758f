/* SPDX-License-Identifier: GPL-3.0-or-later
 * schema.h -- schema.sql with what it abbreviates written out.
 *
 *   $address(s.src)   the text of the address whose number is s.src, of the run r.id:
 *                     10.0.0.1, or RFC 5952's form by row_prefix
 *
 * The one idea: SQLite has no functions that live in a file, and views must do with any reader.
 */
#pragma once

/* The caller frees. Queries may have abbreviations too. */
char *schema_expand(const char *sql);
