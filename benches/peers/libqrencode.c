/* Draws the same pictures with libqrencode and libpng, as the program qrencode does: one bit a pixel, line by line, libpng's defaults.
   Prints for each edge the least processor time in microseconds and the bytes. */
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Of libqrencode's interface only what is used, so that its headers need not be installed. */
typedef struct { int version; int width; unsigned char *data; } QRcode;
QRcode *QRcode_encodeString(const char *text, int version, int level, int hint, int case_sensitive);
void QRcode_free(QRcode *code);

static const char *ADDRESS = "https://pay.teashop.example.com/s/AAECAwQFBgcICQoLDA0ODw?a=123";
static unsigned char file[1 << 20];
static size_t length;

static void append(png_structp png, png_bytep bytes, size_t count) {
    (void)png;
    memcpy(file + length, bytes, count);
    length += count;
}

static void flush(png_structp png) { (void)png; }

static void draw(int asked_px) {
    QRcode *code = QRcode_encodeString(ADDRESS, 0, 1, 2, 1);
    int module_px = asked_px / (code->width + 8), edge_px = (code->width + 8) * module_px;
    unsigned char *line = malloc(edge_px / 8 + 1);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    length = 0;
    png_set_write_fn(png, NULL, append, flush);
    png_set_IHDR(png, info, edge_px, edge_px, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, 0, 0);
    png_write_info(png, info);
    for (int y = -4; y < code->width + 4; y++) {
        memset(line, 0xFF, edge_px / 8 + 1);
        for (int x = 0; y >= 0 && y < code->width && x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                for (int px = (x + 4) * module_px; px < (x + 5) * module_px; px++) line[px / 8] &= ~(0x80 >> px % 8);
        for (int again = 0; again < module_px; again++) png_write_row(png, line);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    free(line);
    QRcode_free(code);
}

int main(void) {
    int edges[] = {330, 720, 1080};
    for (int at = 0; at < 3; at++) {
        double best = 1e9;
        for (int round = 0; round < 100; round++) {
            struct timespec begun, ended;
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begun);
            for (int times = 0; times < 10; times++) draw(edges[at]);
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
            double took = ((ended.tv_sec - begun.tv_sec) * 1e9 + (ended.tv_nsec - begun.tv_nsec)) / 1e4;
            if (took < best) best = took;
        }
        printf("libqrencode + libpng, %d px: %.1f us, %zu bytes\n", edges[at], best, length);
    }
    return 0;
}
