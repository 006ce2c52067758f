/* SPDX-License-Identifier: GPL-3.0-or-later
 * narrow.h -- -p may leave some values of a sweep or of a variant out; what the file's rows say
 * of those is then not looked at.
 *
 *   sweep: {h: [a, b, c]}  -p sweep.h=[a]   where: {h: [a, b]} -> {h: [a]}
 *                                           where: {h: [b, c]} -> the row is not run
 *
 * The one idea: rows are rewritten before they are read, so that nobody after this knows of
 * values that are gone, and `show` prints a file that runs to the same. A value that the file
 * never had stays, and is the error that it was.
 */
#pragma once
#include "experiments/experiment.h"

/* Rewrites the rows of `expect` and `plot` in x->tree, whose dimensions are known; x->file is
 * the tree before -p. Expectations left without a point go to x->not_run. */
void narrow_rows(struct experiment *x);
