/* The process that a 32-bit maker's library lives in on Windows: what host.py is for 64 bit, with the lines of wire.py.
 *
 * `python3 installer/host32.py` makes host32.exe of it.
 *
 * Every argument of the interface is one 32-bit word, a number or a pointer, so that a call is made by the count of its
 * words alone. Text is GBK to the library; what GBK has no place for, GB 18030's four-byte characters, comes and goes as hex.
 */
#define WIN32_LEAN_AND_MEAN
#define _WIN32_WINNT 0x0601
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GBK = 936 };
enum { CAPACITY = 64 * 1024, LIBRARIES = 8, WORDS = 8, LONGEST = 4 * 1024 * 1024, LEAVE_MS = 1000 };
static const unsigned char GUARD = 0xA5;

typedef struct {
    char *name;
    HMODULE module;
    int is_cdecl;
} Library;

typedef struct {
    char *buffer;
    int counted;
    INT32 count;
} Out;

typedef struct {
    char *text;
    size_t length, room;
} Line;

static Library libraries[LIBRARIES];
static int loaded;
static HANDLE requests, answers, line_given, line_taken;
static char *line;

static void *owned(void *memory) {
    if (!memory) ExitProcess(3);
    return memory;
}

/* ---- writing an answer */

static void put(Line *out, const char *bytes, size_t length) {
    if (out->length + length + 1 > out->room) {
        out->room = (out->length + length + 1) * 2;
        out->text = owned(realloc(out->text, out->room));
    }
    memcpy(out->text + out->length, bytes, length);
    out->length += length;
    out->text[out->length] = 0;
}

static void puts_to(Line *out, const char *text) { put(out, text, strlen(text)); }

static void put_escaped(Line *out, const char *text) {
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        char escape[8];
        if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F) {
            put(out, text, 1);
        } else {
            snprintf(escape, sizeof escape, "\\u%04x", byte);
            puts_to(out, escape);
        }
    }
}

static void send_line(Line *out) {
    size_t sent = 0;
    puts_to(out, "\n");
    while (sent < out->length) {
        DWORD written = 0;
        if (!WriteFile(answers, out->text + sent, (DWORD)(out->length - sent), &written, NULL)) ExitProcess(0);
        sent += written;
    }
    free(out->text);
}

static void send_fault(const char *kind, const char *detail) {
    Line out = {0};
    puts_to(&out, "{\"fault\": \"");
    puts_to(&out, kind);
    puts_to(&out, "\", \"detail\": \"");
    put_escaped(&out, detail);
    puts_to(&out, "\"}");
    send_line(&out);
}

__attribute__((noreturn)) static void end_with(const char *kind, const char *detail) {
    send_fault(kind, detail);
    ExitProcess(0);
}

/* ---- encodings */

static WCHAR *wide_of(UINT page, const char *bytes) {
    int length = MultiByteToWideChar(page, MB_ERR_INVALID_CHARS, bytes, -1, NULL, 0);
    WCHAR *wide;
    if (length <= 0) return NULL;
    wide = owned(malloc(sizeof(WCHAR) * (size_t)length));
    MultiByteToWideChar(page, MB_ERR_INVALID_CHARS, bytes, -1, wide, length);
    return wide;
}

static char *converted(UINT from, UINT to, const char *text) {
    WCHAR *wide = wide_of(from, text);
    BOOL lost = FALSE, *told = to == CP_UTF8 ? NULL : &lost;
    int length = wide ? WideCharToMultiByte(to, 0, wide, -1, NULL, 0, NULL, NULL) : 0;
    char *bytes = length > 0 ? owned(malloc((size_t)length)) : NULL;
    if (bytes) WideCharToMultiByte(to, 0, wide, -1, bytes, length, NULL, told);
    free(wide);
    if (!lost) return bytes;
    free(bytes);
    return NULL;
}

static char *bytes_of(const char *hex) {
    size_t length = strlen(hex) / 2;
    char *bytes = owned(calloc(length + 1, 1));
    for (size_t i = 0; i < length; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        bytes[i] = (char)strtoul(digits, NULL, 16);
    }
    return bytes;
}

/* ---- reading a request: an object of strings, with one array of strings in it */

static void blanks(const char **at) {
    while (**at == ' ' || **at == '\t' || **at == '\r' || **at == '\n') (*at)++;
}

static int take(const char **at, char wanted) {
    blanks(at);
    if (**at != wanted) return 0;
    (*at)++;
    return 1;
}

static int hex4(const char *at, unsigned *value) {
    *value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
                       : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                       : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10) : 16u;
        if (digit > 15) return 0;
        *value = *value << 4 | digit;
    }
    return 1;
}

static size_t put_utf8(char *to, unsigned code) {
    if (code < 0x80) { to[0] = (char)code; return 1; }
    if (code < 0x800) { to[0] = (char)(0xC0 | code >> 6); to[1] = (char)(0x80 | (code & 63)); return 2; }
    to[0] = (char)(0xE0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 63));
    to[2] = (char)(0x80 | (code & 63));
    return 3;
}

/* Characters outside the basic plane come as UTF-8 themselves, so that an escape is never half of a pair. */
static char *string(const char **at) {
    char *found, *to;
    if (!take(at, '"')) return NULL;
    found = to = owned(malloc(strlen(*at) + 1));
    while (**at && **at != '"') {
        unsigned code;
        if (**at != '\\') {
            *to++ = *(*at)++;
            continue;
        }
        (*at)++;
        switch (*(*at)++) {
        case '"': *to++ = '"'; break;
        case '\\': *to++ = '\\'; break;
        case '/': *to++ = '/'; break;
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u':
            if (!hex4(*at, &code) || code == 0) { free(found); return NULL; }
            *at += 4;
            to += put_utf8(to, code);
            break;
        default: free(found); return NULL;
        }
    }
    *to = 0;
    if (!take(at, '"')) { free(found); return NULL; }
    return found;
}

typedef struct {
    char *load, *path, *convention, *call, *from;
    char *words[WORDS];
    int count;
} Request;

static int words_of(const char **at, Request *request) {
    if (!take(at, '[')) return 0;
    if (take(at, ']')) return 1;
    do {
        if (request->count == WORDS) return 0;
        request->words[request->count] = string(at);
        if (!request->words[request->count]) return 0;
        request->count++;
    } while (take(at, ','));
    return take(at, ']');
}

static int request_of(const char *at, Request *request) {
    if (!take(&at, '{')) return 0;
    do {
        char *key = string(&at), **place = NULL;
        int is_words;
        if (!key || !take(&at, ':')) return 0;
        is_words = !strcmp(key, "arguments");
        if (!strcmp(key, "load")) place = &request->load;
        if (!strcmp(key, "path")) place = &request->path;
        if (!strcmp(key, "convention")) place = &request->convention;
        if (!strcmp(key, "call")) place = &request->call;
        if (!strcmp(key, "library")) place = &request->from;
        free(key);
        if (is_words ? !words_of(&at, request) : !place || *place || !(*place = string(&at))) return 0;
    } while (take(&at, ','));
    return take(&at, '}');
}

static void forget(Request *request) {
    free(request->load);
    free(request->path);
    free(request->convention);
    free(request->call);
    free(request->from);
    for (int i = 0; i < request->count; i++) free(request->words[i]);
}

/* ---- loading and calling */

static void load(const Request *request) {
    WCHAR *path = wide_of(CP_UTF8, request->path), *name;
    Library *library = &libraries[loaded];
    DWORD error;
    char detail[64];
    if (!path || loaded == LIBRARIES) end_with("request", "path");
    for (name = path; *name; name++)
        if (*name == L'/') *name = L'\\';
    name = wcsrchr(path, L'\\');
    if (name) {
        *name = 0;
        SetDllDirectoryW(path);
        SetCurrentDirectoryW(path);
        *name = L'\\';
    }
    library->module = LoadLibraryW(path);
    error = GetLastError();
    free(path);
    if (!library->module) {
        snprintf(detail, sizeof detail, "LoadLibrary %lu", error);
        end_with(error == ERROR_BAD_EXE_FORMAT ? "wrong_bits" : "no_library", detail);
    }
    library->name = owned(_strdup(request->load));
    library->is_cdecl = !strcmp(request->convention, "cdecl");
    loaded++;
    Line out = {0};
    puts_to(&out, "{\"loaded\": \"");
    put_escaped(&out, request->load);
    puts_to(&out, "\"}");
    send_line(&out);
}

typedef UINT_PTR W;
#define CALL(convention) \
    switch (count) { \
    case 0: return ((INT32(convention *)(void))function)(); \
    case 1: return ((INT32(convention *)(W))function)(w[0]); \
    case 2: return ((INT32(convention *)(W, W))function)(w[0], w[1]); \
    case 3: return ((INT32(convention *)(W, W, W))function)(w[0], w[1], w[2]); \
    case 4: return ((INT32(convention *)(W, W, W, W))function)(w[0], w[1], w[2], w[3]); \
    case 5: return ((INT32(convention *)(W, W, W, W, W))function)(w[0], w[1], w[2], w[3], w[4]); \
    case 6: return ((INT32(convention *)(W, W, W, W, W, W))function)(w[0], w[1], w[2], w[3], w[4], w[5]); \
    case 7: return ((INT32(convention *)(W, W, W, W, W, W, W))function)(w[0], w[1], w[2], w[3], w[4], w[5], w[6]); \
    default: return ((INT32(convention *)(W, W, W, W, W, W, W, W))function)(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]); \
    }

static INT32 call_stdcall(FARPROC function, const W *w, int count) { CALL(__stdcall) }
static INT32 call_cdecl(FARPROC function, const W *w, int count) { CALL(__cdecl) }

static LONG WINAPI crashed(EXCEPTION_POINTERS *pointers) {
    char detail[32];
    snprintf(detail, sizeof detail, "%08lX", pointers->ExceptionRecord->ExceptionCode);
    end_with("crashed", detail);
}

static void add_out(Line *answer, Out *out) {
    const char *buffer = out->buffer;
    size_t length = (size_t)out->count;
    char *utf8 = NULL;
    for (int i = CAPACITY; i < 2 * CAPACITY; i++)
        if ((unsigned char)buffer[i] != GUARD) end_with("overrun", "buffer");
    if (out->counted) {
        if (out->count < 0 || out->count > CAPACITY) end_with("overrun", "count");
    } else {
        const char *end = memchr(buffer, 0, CAPACITY);
        if (!end) end_with("overrun", "no end");
        length = (size_t)(end - buffer);
        utf8 = length ? converted(GBK, CP_UTF8, buffer) : owned(_strdup(""));
    }
    puts_to(answer, "\"");
    if (utf8) {
        puts_to(answer, "text ");
        put_escaped(answer, utf8);
        free(utf8);
    } else {
        puts_to(answer, "hex ");
        for (size_t i = 0; i < length; i++) {
            char digits[4];
            snprintf(digits, sizeof digits, "%02x", (unsigned char)buffer[i]);
            put(answer, digits, 2);
        }
    }
    puts_to(answer, "\"");
}

static void call(const Request *request) {
    Library *library = NULL;
    FARPROC function;
    W words[2 * WORDS] = {0};
    Out outs[WORDS] = {{0}};
    char *texts[WORDS] = {0};
    int count = 0, out_count = 0;
    INT32 number;
    Line answer = {0};
    char digits[32];
    for (int i = 0; i < loaded; i++)
        if (!strcmp(libraries[i].name, request->from)) library = &libraries[i];
    if (!library) end_with("request", "library");
    function = GetProcAddress(library->module, request->call);
    if (!function) {
        send_fault("no_function", request->call);
        return;
    }
    for (int i = 0; i < request->count; i++) {
        const char *word = request->words[i];
        if (!strncmp(word, "int ", 4)) {
            words[count++] = (W)(INT32)strtol(word + 4, NULL, 10);
        } else if (!strncmp(word, "text ", 5) || !strncmp(word, "hex ", 4)) {
            texts[i] = word[0] == 't' ? converted(CP_UTF8, GBK, word + 5) : bytes_of(word + 4);
            if (!texts[i]) end_with("request", "text");
            words[count++] = (W)texts[i];
        } else if (!strcmp(word, "out") || !strcmp(word, "counted")) {
            Out *out = &outs[out_count++];
            out->buffer = owned(calloc(2, CAPACITY));
            memset(out->buffer + CAPACITY, GUARD, CAPACITY);
            out->counted = word[0] == 'c';
            out->count = CAPACITY;
            words[count++] = (W)out->buffer;
            if (out->counted) words[count++] = (W)&out->count;
        } else {
            end_with("request", "argument");
        }
    }
    if (count > WORDS) end_with("request", "arguments");
    number = library->is_cdecl ? call_cdecl(function, words, count) : call_stdcall(function, words, count);
    snprintf(digits, sizeof digits, "{\"returned\": %ld, \"out\": [", (long)number);
    puts_to(&answer, digits);
    for (int i = 0; i < out_count; i++) {
        if (i) puts_to(&answer, ", ");
        add_out(&answer, &outs[i]);
        SecureZeroMemory(outs[i].buffer, CAPACITY);
        free(outs[i].buffer);
    }
    puts_to(&answer, "]}");
    send_line(&answer);
    for (int i = 0; i < request->count; i++) free(texts[i]);
}

/* ---- lines: read on a thread of their own, so that a call that hangs does not outlive whoever asked */

static DWORD WINAPI read_lines(void *unused) {
    static char chunk[64 * 1024];
    Line next = {0};
    DWORD length;
    (void)unused;
    while (ReadFile(requests, chunk, sizeof chunk, &length, NULL) && length) {
        for (DWORD i = 0; i < length; i++) {
            if (chunk[i] != '\n') {
                if (next.length < LONGEST) put(&next, &chunk[i], 1);
                continue;
            }
            put(&next, "", 0);
            line = next.text;
            SetEvent(line_given);
            WaitForSingleObject(line_taken, INFINITE);
            memset(&next, 0, sizeof next);
        }
    }
    line = NULL;
    SetEvent(line_given);
    Sleep(LEAVE_MS);
    ExitProcess(0);
}

/* Standard input and output are ours alone: what a driver reads and prints there would break the lines. */
static void keep_streams(void) {
    HANDLE self = GetCurrentProcess(), nowhere;
    int descriptor;
    DuplicateHandle(self, GetStdHandle(STD_INPUT_HANDLE), self, &requests, 0, FALSE, DUPLICATE_SAME_ACCESS);
    DuplicateHandle(self, GetStdHandle(STD_OUTPUT_HANDLE), self, &answers, 0, FALSE, DUPLICATE_SAME_ACCESS);
    descriptor = _open("NUL", _O_RDWR);
    for (int standard = 0; standard < 3; standard++) _dup2(descriptor, standard);
    nowhere = (HANDLE)_get_osfhandle(descriptor);
    SetStdHandle(STD_INPUT_HANDLE, nowhere);
    SetStdHandle(STD_OUTPUT_HANDLE, nowhere);
    SetStdHandle(STD_ERROR_HANDLE, nowhere);
}

int main(void) {
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    SetUnhandledExceptionFilter(crashed);
    keep_streams();
    line_given = CreateEventW(NULL, FALSE, FALSE, NULL);
    line_taken = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (!CreateThread(NULL, 0, read_lines, NULL, 0, NULL)) return 3;
    for (;;) {
        Request request = {0};
        char *asked;
        WaitForSingleObject(line_given, INFINITE);
        asked = line;
        if (!asked) ExitProcess(0);
        SetEvent(line_taken);
        if (!request_of(asked, &request)) end_with("request", "json");
        if (request.load && request.path && request.convention) {
            load(&request);
        } else if (request.call && request.from) {
            call(&request);
        } else {
            end_with("request", "neither load nor call");
        }
        forget(&request);
        SecureZeroMemory(asked, strlen(asked));
        free(asked);
    }
}
