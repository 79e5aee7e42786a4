#include <tencentcloud/core/CommonClient.h> // all of the stand-in
