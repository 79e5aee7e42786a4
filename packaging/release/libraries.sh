# Builds the static libraries of one target; sourced by tools/release.
# shellcheck shell=sh disable=SC2154
#
# tools/release sets $sources (a folder for each part), $prefix (where to install), $work (where to build), $host (the
# target's name for configure) and $jobs, and puts the target's cc, ar and ranlib first in PATH.

# --- once, for all targets: in the folder of the source, with the tools of this machine ------------------------------

# Debian leaves out the documentation, which has another licence, and configure looks for it.
prepare_gmp() {
    autoreconf -fi
}

# Debian's corrections add files to the Makefiles. The authorities of macOS, which virga does not use, would take
# frameworks, and the compiler has none.
prepare_gnutls() {
    sed -i 's/__APPLE__/TRUSTS_THE_SYSTEM/' lib/system/certs.c
    sed -i '/-framework Security/s/ -framework [A-Za-z]*//g' configure.ac lib/Makefile.am
    # shellcheck disable=SC2046 # a list of words
    rm -f $(grep -rl gettext-0.20 m4/)
    GTKDOCIZE=true autoreconf -fi
}

# The one file that SQLite recommends for a program that contains it.
prepare_sqlite3() {
    ./configure --disable-tcl --disable-readline
    make sqlite3.c sqlite3.h
}

# --- for each target -------------------------------------------------------------------------------------------------

# Copies the source of a part, which was unpacked once for all targets: begin PART
begin() {
    rm -rf "${work:?}/$1"
    cp -a "$sources/$1" "$work/$1"
    cd "$work/$1" || exit
}

# configure OPTION...
configure() {
    ./configure --host="$host" --prefix="$prefix" --libdir="$prefix/lib" --disable-shared "$@" CC_FOR_BUILD=gcc
}

# What a library without an installer of its own needs; the version is in $version: install_library NAME OBJECT
install_library() {
    mkdir -p "$prefix/lib/pkgconfig"
    ar rcs "$prefix/lib/lib$1.a" "$2"
    cat >"$prefix/lib/pkgconfig/$3.pc" <<END
Name: $1
Description: $1
Version: $version
Cflags: -I$prefix/include
Libs: -L$prefix/lib -l$1
END
}

build_gmp() {
    begin gmp
    configure --enable-static
    make -j"$jobs"
    make install
}

build_nettle() {
    begin nettle
    configure --disable-documentation --disable-openssl --disable-assembler
    make -j"$jobs" all-here
    make install-headers install-static install-pkgconfig
}

# Only the library: the rest would be programs, tests and translations.
build_gnutls() {
    begin gnutls
    configure --enable-static --with-included-libtasn1 --with-included-unistring --without-p11-kit --without-idn \
        --without-tpm --without-tpm2 --without-brotli --without-zstd --without-zlib --disable-doc --disable-tests \
        --disable-tools --disable-cxx --disable-nls --disable-libdane --disable-guile --disable-heartbeat-support \
        --disable-srp-authentication --disable-dtls-srtp-support --disable-gost --with-default-trust-store-file= \
        --disable-rpath --without-libintl-prefix
    make -C gl -j"$jobs"
    make -C lib -j"$jobs"
    make -C lib install
}

build_libmicrohttpd() {
    begin libmicrohttpd
    LIBS="-lhogweed -lnettle -lgmp" # of GnuTLS, which configure tries to link alone
    export LIBS
    configure --enable-static --enable-https=yes --with-gnutls="$prefix" --disable-doc --disable-examples --disable-curl \
        --disable-postprocessor --disable-dauth --disable-bauth --disable-nls
    make -C src/include -j"$jobs" install
    make -C src/microhttpd -j"$jobs" install
    make install-pkgconfigDATA
}

build_sqlite3() {
    begin sqlite3
    # shellcheck disable=SC2086
    cc $CFLAGS -DSQLITE_THREADSAFE=1 -DSQLITE_OMIT_LOAD_EXTENSION -c sqlite3.c
    mkdir -p "$prefix/include"
    cp sqlite3.h "$prefix/include/"
    install_library sqlite3 sqlite3.o sqlite3
}

build_cjson() {
    begin cjson
    # shellcheck disable=SC2086
    cc $CFLAGS -c cJSON.c
    mkdir -p "$prefix/include/cjson"
    cp cJSON.h "$prefix/include/cjson/"
    install_library cjson cJSON.o libcjson
}

# Only HTTP, over TCP and Unix sockets: the client subcommands of virga use nothing else.
build_curl() {
    begin curl
    configure --enable-static --without-ssl --without-zlib --without-brotli --without-zstd --without-libpsl \
        --without-libidn2 --without-nghttp2 --without-librtmp --without-libssh2 --disable-ftp --disable-file --disable-ldap \
        --disable-ldaps --disable-rtsp --disable-dict --disable-telnet --disable-tftp --disable-pop3 --disable-imap \
        --disable-smb --disable-smtp --disable-gopher --disable-mqtt --disable-manual --disable-ntlm --disable-tls-srp \
        --disable-crypto-auth --disable-cookies --disable-doh --disable-mime --disable-dateparse --disable-netrc \
        --disable-alt-svc --disable-hsts --disable-proxy --disable-progress-meter --disable-verbose \
        --disable-threaded-resolver --disable-libcurl-option --disable-get-easy-options --disable-alt-svc
    make -C lib -j"$jobs"
    make -C lib install
    make -C include install
    make install-pkgconfigDATA
}
