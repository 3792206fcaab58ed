/**
 * Unless this is set before the library starts, the official builds of ONNX Runtime from 1.29 on
 * send Microsoft what they load and run, with the names of model files, and keep an identifier of
 * the machine. A worker thread has its own copy of the environment, which the library does not see,
 * so that this file must be imported on the main thread. Source:
 * https://github.com/microsoft/onnxruntime/pull/27379.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
