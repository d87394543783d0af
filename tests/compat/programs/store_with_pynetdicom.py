"""A storage server and a client that echoes, stores and finds, written for pydicom and pynetdicom."""

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, StoragePresentationContexts, evt
from pynetdicom.sop_class import PatientRootQueryRetrieveInformationModelFind, Verification

stored = []


def on_store(event):
    ds = event.dataset
    ds.file_meta = event.file_meta
    stored.append(ds)
    return 0x0000


def on_find(event):
    wanted = event.identifier
    for ds in stored:
        if ds.PatientID == wanted.PatientID:
            answer = Dataset()
            answer.QueryRetrieveLevel = "PATIENT"
            answer.PatientID = ds.PatientID
            answer.PatientName = ds.PatientName
            yield 0xFF00, answer


image = Dataset()
image.SOPClassUID = CTImageStorage
image.SOPInstanceUID = generate_uid()
image.PatientID = "P1"
image.PatientName = "Müller^Jörg"
image.SpecificCharacterSet = "ISO_IR 100"
image.Rows = image.Columns = 16
image.BitsAllocated = 16
image.PixelData = bytes(512)
image.file_meta = FileMetaDataset()
image.file_meta.MediaStorageSOPClassUID = CTImageStorage
image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian

server = AE(ae_title="SERVER")
server.supported_contexts = StoragePresentationContexts
server.add_supported_context(Verification)
server.add_supported_context(PatientRootQueryRetrieveInformationModelFind)
listener = server.start_server(
    ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, on_store), (evt.EVT_C_FIND, on_find)]
)
client = AE(ae_title="CLIENT")
client.add_requested_context(Verification)
client.add_requested_context(CTImageStorage)
client.add_requested_context(PatientRootQueryRetrieveInformationModelFind)
association = client.associate("127.0.0.1", listener.server_address[1])
assert association.is_established
assert association.send_c_echo().Status == 0
assert association.send_c_store(image).Status == 0
query = Dataset()
query.QueryRetrieveLevel = "PATIENT"
query.PatientID = "P1"
query.PatientName = ""
found = [
    identifier
    for status, identifier in association.send_c_find(query, PatientRootQueryRetrieveInformationModelFind)
    if identifier is not None
]
association.release()
listener.shutdown()

assert stored[0].PatientName == image.PatientName
assert stored[0].PixelData == image.PixelData
assert stored[0].file_meta.TransferSyntaxUID
print(f"stored {len(stored)}, found {found[0].PatientID}, with {pydicom.__name__}")
