// Debian's libgit2 uses Mbed TLS, and reads all of the system's certificates each time it is initialised: 6 ms of every
// command. Nothing here goes over a network by libgit2, but by the person's git; so these take the place of Mbed TLS's
// functions, and it is told that there was nothing to read. A TLS connection by libgit2 would be refused.
int mbedtls_x509_crt_parse_file(void *chain, const char *path);
int mbedtls_x509_crt_parse_path(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path) {
    (void)chain, (void)path;
    return 0;
}

int mbedtls_x509_crt_parse_path(void *chain, const char *path) {
    (void)chain, (void)path;
    return 0;
}
