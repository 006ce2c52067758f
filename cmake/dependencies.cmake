# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages of each: cmake/packages.txt, installed by ./quickstart and ./check.
find_package(PkgConfig REQUIRED)
find_package(GSL REQUIRED)
find_package(SQLite3 REQUIRED)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(nettle REQUIRED IMPORTED_TARGET nettle)
pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)
find_path(UTHASH_INCLUDE uthash.h REQUIRED)
