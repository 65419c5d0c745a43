/* A maker's library for a combined box, as tests want one: chip (LD/T 33), resident ID (sdtapi, termb), one fictional card.
 *
 * What it does stands in driver.ini (GBK), which it finds in its working folder only, and reads at every call:
 *   mode     well, slow, hang, crash, exit, garbage, noisy, greedy, unterminated, overrun or code
 *   only     the one function that the mode is for; all without it
 *   seconds  of slow; number and text, of code
 *   NAME     what function NAME answers; card_info and key, what it is to be given
 * Each call is noted in called.txt with what it was given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <windows.h>
#ifdef CDECL
#define STD __cdecl
#else
#define STD __stdcall
#endif
#define EXPORT
#define sleep_s(seconds) Sleep((DWORD)((seconds) * 1000))
#else
#include <time.h>
#define STD
#define EXPORT __attribute__((visibility("default")))
static void sleep_s(double seconds) {
    struct timespec span = {(time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9)};
    nanosleep(&span, NULL);
}
#endif

enum { WRONG_CARD = -22, WRONG_KEY = -25, NO_CARD = -2, BOUND = 64 * 1024 };

static const char *setting(const char *key) {
    static char line[8192];
    FILE *file = fopen("driver.ini", "r");
    size_t length = strlen(key);
    if (!file) return "";
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if (!strncmp(line, key, length) && line[length] == '=') {
            fclose(file);
            return line + length + 1;
        }
    }
    fclose(file);
    return "";
}

static void note(const char *name, const char *given) {
    FILE *file = fopen("called.txt", "a");
    if (!file) return;
    fprintf(file, "%s%s\n", name, given);
    fclose(file);
}

static int behave(const char *name, char *out) {
    char mode[32], only[64];
    snprintf(mode, sizeof mode, "%s", setting("mode"));
    snprintf(only, sizeof only, "%s", setting("only"));
    if (only[0] && strcmp(only, name)) return 1;
    if (!strcmp(mode, "slow")) sleep_s(atof(setting("seconds")));
    if (!strcmp(mode, "hang")) for (;;) sleep_s(1.0);
    if (!strcmp(mode, "crash")) *(volatile int *)(size_t)(mode[0] - 'c') = 1;
    if (!strcmp(mode, "exit")) exit(7);
    if (!strcmp(mode, "noisy")) {
        printf("{\"returned\": 0, \"out\": [\"text a driver's own printing\"]}\n");
        fprintf(stderr, "and its errors\n");
        fflush(stdout);
    }
    if (!strcmp(mode, "garbage")) {
        strcpy(out, "\xFF\x81\x20\xFE|\xFF|");
        return 0;
    }
    if (!strcmp(mode, "greedy")) {
        memset(out, 'x', 60 * 1024);
        out[60 * 1024] = 0;
        return 0;
    }
    if (!strcmp(mode, "unterminated")) {
        memset(out, 'x', BOUND);
        return 0;
    }
    if (!strcmp(mode, "overrun")) {
        memset(out, 'x', BOUND + 100);
        out[BOUND + 100] = 0;
        return 0;
    }
    if (!strcmp(mode, "code")) {
        strcpy(out, setting("text"));
        return atoi(setting("number"));
    }
    return 1;
}

static int answer(const char *name, char *out) {
    int number = behave(name, out);
    if (number <= 0) return number;
    if (!strcmp(setting("mode"), "code") && number != 1) return number;
    strcpy(out, setting(name));
    return 0;
}

static int same(const char *key, const char *given) {
    const char *wanted = setting(key);
    return !wanted[0] || !strcmp(wanted, given);
}

#define GIVEN(...) char given[4096]; snprintf(given, sizeof given, __VA_ARGS__); note(__func__, given)
#define CARD if (!same("card_info", pCardInfo)) { strcpy(pOutInfo, setting("wrong_card")); return WRONG_CARD; }
#define KEY if (!same("key", pKey)) { strcpy(pOutInfo, setting("wrong_key")); return WRONG_KEY; }
#define FUNCTION(name) EXPORT int STD name

FUNCTION(iReadCardBas)(int iType, char *pOutInfo) { GIVEN("(%d)", iType); return answer(__func__, pOutInfo); }
FUNCTION(iReadCard)(int iType, int iAuthType, char *pCardInfo, char *pFileAddr, char *pOutInfo) {
    GIVEN("(%d,%d,%s,%s)", iType, iAuthType, pCardInfo, pFileAddr); CARD return answer(__func__, pOutInfo);
}
FUNCTION(iWriteCard)(int iType, char *pCardInfo, char *pFileAddr, char *pWriteData, char *pOutInfo) {
    GIVEN("(%d,%s,%s,%s)", iType, pCardInfo, pFileAddr, pWriteData); CARD return answer(__func__, pOutInfo);
}
FUNCTION(iVerifyPIN)(int iType, char *pOutInfo) { GIVEN("(%d)", iType); return answer(__func__, pOutInfo); }
FUNCTION(iChangePIN)(int iType, char *pOutInfo) { GIVEN("(%d)", iType); return answer(__func__, pOutInfo); }
FUNCTION(iReloadPIN)(int iType, char *pCardInfo, char *pOutInfo) {
    GIVEN("(%d,%s)", iType, pCardInfo); CARD return answer(__func__, pOutInfo);
}
FUNCTION(iUnblockPIN)(int iType, char *pCardInfo, char *pOutInfo) {
    GIVEN("(%d,%s)", iType, pCardInfo); CARD return answer(__func__, pOutInfo);
}
FUNCTION(iDoDebit)(int iType, char *pCardInfo, char *pPayInfo, char *pOutInfo) {
    GIVEN("(%d,%s,%s)", iType, pCardInfo, pPayInfo); CARD return answer(__func__, pOutInfo);
}
FUNCTION(iReadDebitRecord)(int iType, char *pOutInfo) { GIVEN("(%d)", iType); return answer(__func__, pOutInfo); }

#ifndef WITHOUT_HSM
#define STEP(name) FUNCTION(name)(char *pKey, char *pOutInfo) { GIVEN("(%s)", pKey); KEY return answer(__func__, pOutInfo); }
FUNCTION(iReadCardBas_HSM_Step1)(int iType, char *pOutInfo) { GIVEN("(%d)", iType); return answer(__func__, pOutInfo); }
STEP(iReadCardBas_HSM_Step2)
FUNCTION(iReadCard_HSM_Step1)(int iType, char *pCardInfo, char *pFileAddr, char *pOutInfo) {
    GIVEN("(%d,%s,%s)", iType, pCardInfo, pFileAddr); CARD return answer(__func__, pOutInfo);
}
STEP(iReadCard_HSM_Step2)
FUNCTION(iWriteCard_HSM_Step1)(int iType, char *pCardInfo, char *pFileAddr, char *pOutInfo) {
    GIVEN("(%d,%s,%s)", iType, pCardInfo, pFileAddr); CARD return answer(__func__, pOutInfo);
}
FUNCTION(iWriteCard_HSM_Step2)(char *pKey, char *pWriteData, char *pOutInfo) {
    GIVEN("(%s,%s)", pKey, pWriteData); KEY return answer(__func__, pOutInfo);
}
FUNCTION(iReloadPIN_HSM_Step1)(int iType, char *pCardInfo, char *pOutInfo) {
    GIVEN("(%d,%s)", iType, pCardInfo); CARD return answer(__func__, pOutInfo);
}
STEP(iReloadPIN_HSM_Step2)
STEP(iReloadPIN_HSM_Step3)
FUNCTION(iUnblockPIN_HSM_Step1)(int iType, char *pCardInfo, char *pOutInfo) {
    GIVEN("(%d,%s)", iType, pCardInfo); CARD return answer(__func__, pOutInfo);
}
STEP(iUnblockPIN_HSM_Step2)
STEP(iUnblockPIN_HSM_Step3)
FUNCTION(iDoDebit_HSM_Step1)(int iType, char *pCardInfo, char *pPayInfo, char *pOutInfo) {
    GIVEN("(%d,%s,%s)", iType, pCardInfo, pPayInfo); CARD return answer(__func__, pOutInfo);
}
STEP(iDoDebit_HSM_Step2)
#endif

/* Resident ID: sdtapi answers from text.bin, 256 bytes, and photo.bin; termb from its own settings. */

static int file_into(const char *name, unsigned char *to, unsigned *length) {
    FILE *file = fopen(name, "rb");
    if (!file) return 0;
    *length = (unsigned)fread(to, 1, 2048, file);
    fclose(file);
    return 1;
}

static int sdt(const char *name, int good) {
    char text[BOUND + 256];
    int number = behave(name, text);
    return number == 1 ? good : number;
}

FUNCTION(SDT_OpenPort)(int port) { GIVEN("(%d)", port); return sdt(__func__, 0x90); }
FUNCTION(SDT_ClosePort)(int port) { GIVEN("(%d)", port); return sdt(__func__, 0x90); }
FUNCTION(SDT_StartFindIDCard)(int port, unsigned char *info, int open) {
    GIVEN("(%d,%d)", port, open); memset(info, 0, 8); return sdt(__func__, 0x9F);
}
FUNCTION(SDT_SelectIDCard)(int port, unsigned char *info, int open) {
    GIVEN("(%d,%d)", port, open); memset(info, 0, 8); return sdt(__func__, 0x90);
}
FUNCTION(SDT_ReadBaseMsg)(int port, unsigned char *text, unsigned *text_length, unsigned char *photo,
                          unsigned *photo_length, int open) {
    GIVEN("(%d,%d)", port, open);
    if (!file_into("text.bin", text, text_length) || !file_into("photo.bin", photo, photo_length)) return 0x41;
    return sdt(__func__, 0x90);
}
FUNCTION(SDT_ReadNewAppMsg)(int port, unsigned char *text, unsigned *length, int open) {
    GIVEN("(%d,%d)", port, open);
    if (!file_into("newest.bin", text, length)) return 0x91;
    return sdt(__func__, 0x90);
}

FUNCTION(CVR_InitComm)(int port) { GIVEN("(%d)", port); return sdt(__func__, 1); }
FUNCTION(CVR_CloseComm)(void) { GIVEN("()"); return sdt(__func__, 1); }
FUNCTION(CVR_Authenticate)(void) { GIVEN("()"); return sdt(__func__, 1); }
FUNCTION(CVR_Read_Content)(int kind) {
    FILE *file = fopen("wz.txt", "wb");
    GIVEN("(%d)", kind);
    if (file) { fputs(setting("GetPeopleName"), file); fclose(file); }
    file = fopen("zp.bmp", "wb");
    if (file) { fputs("BMfictional", file); fclose(file); }
    return sdt(__func__, 1);
}
#define ITEM(name) FUNCTION(name)(char *out, int *length) { \
    GIVEN("()"); strcpy(out, setting(__func__)); *length = (int)strlen(out); return 1; }
ITEM(GetPeopleName)
ITEM(GetPeopleSex)
ITEM(GetPeopleNation)
ITEM(GetPeopleBirthday)
ITEM(GetPeopleAddress)
ITEM(GetPeopleIDCode)
ITEM(GetDepartment)
ITEM(GetStartDate)
ITEM(GetEndDate)
