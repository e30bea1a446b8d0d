// libdeflate, which unpacks objects two to three times as fast as zlib.
#include <libdeflate.h>
