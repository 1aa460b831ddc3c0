#!/bin/sh
# UPDATE-MIME-DATABASE PACKAGE.xml FOLDER STAMP: the package's types as a database in FOLDER.
set -e
mkdir -p "$3/packages"
cp "$2" "$3/packages/"
"$1" "$3"
touch "$4"
