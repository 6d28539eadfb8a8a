/* What each byte is to names and values: its folded form and its class, as tables for the paths that every request takes. */
#include "octet.h"

const char fct_octet_folded[257] =
    "________________________________________________0123456789______"
    "_ABCDEFGHIJKLMNOPQRSTUVWXYZ______ABCDEFGHIJKLMNOPQRSTUVWXYZ_____"
    "________________________________________________________________"
    "________________________________________________________________";

#define T FCT_OCTET_TOKEN
#define C FCT_OCTET_CONTROL
#define H FCT_OCTET_TAB
#define O 0

const unsigned char fct_octet_class[256] = {
    C, C, C, C, C, C, C, C, C, H, C, C, C, C, C, C,
    C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C,
    O, T, O, T, T, T, T, T, O, O, T, T, O, T, T, O,
    T, T, T, T, T, T, T, T, T, T, O, O, O, O, O, O,
    O, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T,
    T, T, T, T, T, T, T, T, T, T, T, O, O, O, T, T,
    T, T, T, T, T, T, T, T, T, T, T, T, T, T, T, T,
    T, T, T, T, T, T, T, T, T, T, T, O, T, O, T, C,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
    O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O,
};
